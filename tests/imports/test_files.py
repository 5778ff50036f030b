"""What is sent may be anything: each fault is named, and no bad line stops the others."""

from __future__ import annotations

import csv
import gzip
import io
from typing import TYPE_CHECKING, Any

import pytest

from consent_server.imports.table import csv_records, header_of, ndjson_records
from tests.imports.conftest import counts, reasons

if TYPE_CHECKING:
    from tests.imports.conftest import Desk

ADA = {"email": "ada@people.example"}
NO = "email,purpose,answer\nada@people.example,newsletter,refused\n"


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(NO.encode("utf-8-sig"), id="byte order mark"),
        pytest.param(NO.encode("utf-16"), id="UTF-16 with its mark"),
        pytest.param(gzip.compress(NO.encode()), id="gzip"),
        pytest.param(
            gzip.compress(NO[:9].encode()) + gzip.compress(NO[9:].encode()), id="gzip twice"
        ),
        pytest.param(NO.replace(",", ";"), id="semicolons"),
        pytest.param(NO.replace(",", "\t"), id="tabs"),
        pytest.param(NO.replace(",", "|"), id="bars"),
        pytest.param(NO.replace("\n", "\r\n"), id="lines of Windows"),
        pytest.param(NO.strip(), id="no last line end"),
        pytest.param(NO.upper().replace("REFUSED", "refused"), id="capitals"),
        pytest.param('"email","purpose","answer"\n"ada@people.example","newsletter","no"\n'),
        pytest.param(
            "a,b,email,purpose,answer" + ",x" * 100 + "\n"
            ",=1+1,ada@people.example,newsletter,refused" + ",y" * 100 + "\n",
            id="a hundred columns",
        ),
    ],
)
def test_a_file_is_read_however_it_is_written(lasting: Desk, sent: str | bytes) -> None:
    done = lasting.send(sent, purpose="newsletter" if b"NEWSLETTER" in _bytes(sent) else "")
    if b"NEWSLETTER" in _bytes(sent):
        assert reasons(done) == {"unknown_purpose": [2]}
    else:
        assert counts(done) == (1, 1, 0, 0), done


def _bytes(sent: str | bytes) -> bytes:
    return sent if isinstance(sent, bytes) else sent.encode()


def test_another_charset_is_refused_with_its_line_or_declared(lasting: Desk) -> None:
    text = "email,purpose,answer,evidence\nada@people.example,newsletter,refused,présence\n"
    for sent in (text.encode("latin-1"), text.encode("utf-16-le")):
        refused = lasting.send(sent, status=400)
        assert refused["code"] == "wrong_charset"
    assert "line 2" in lasting.send(text.encode("latin-1"), status=400)["detail"]
    # Declared, but without the mark that says in which order its bytes come.
    unmarked = lasting.send(text.encode("utf-16-le"), charset="utf-16", status=400)
    assert unmarked["code"] == "wrong_charset"
    done = lasting.send(text.encode("latin-1"), charset="iso-8859-1")
    assert counts(done) == (1, 1, 0, 0)


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        pytest.param("", 422, "empty", id="empty"),
        pytest.param("\n\n", 422, "empty", id="blank"),
        pytest.param("a@people.example,newsletter,no\n", 422, "header=", id="no header"),
        pytest.param("name,colour\nada,blue\n", 422, "map=", id="no identifier"),
        pytest.param("email,Email,answer\n", 422, "twice", id="a column twice"),
        pytest.param("x" * 70_000, 422, "too long", id="no lines"),
        pytest.param(gzip.compress(b"0" * 9_000_000), 413, "to one", id="gzip bomb"),
        pytest.param(gzip.compress(NO.encode())[:-9], 400, "ends early", id="half a gzip"),
        pytest.param(b"\x1f\x8bnonsense", 400, "damaged", id="no gzip"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole_saying_what_would_be_right(
    lasting: Desk, sent: str | bytes, status: int, words: str
) -> None:
    refused = lasting.send(sent, status=status)
    said = refused["detail"] + " ".join(each["detail"] for each in refused.get("errors", ()))
    assert words in said
    assert "people.example" not in said


def test_a_line_that_cannot_be_read_stops_none_of_the_others(desk: Desk) -> None:
    lines = [
        "email,purpose,answer,decided_at,notice_version",
        "ada@people.example,newsletter,refused,,",
        "ben@people.example,newsletter,refused",
        "not an address,newsletter,refused,,",
        "cleo@people.example,newsletter,maybe,,",
        "dan@people.example,newsletter,granted,03/04/2026," + desk.house.form,
        "eve@people.example,newsletter,granted,2026-03-01 10:00:00," + desk.house.form,
        "fay@people.example,newsletter,granted,," + desk.house.form,
        "gil@people.example,newsletter,granted,2026-03-01,",
        "hal@people.example,newsletter,granted,2099-03-01," + desk.house.form,
        "ida@people.example,nonsense,refused,,",
        "joe@people.example,newsletter,granted,2026-03-01,ntv_0000000000001",
        ",newsletter,refused,,",
        "kim@people.example,newsletter,refused\0,,",
        '"lea@people.example,newsletter,refused,,',
        "max@people.example,newsletter,refused,,",
        f"{'x' * 100_000},newsletter,refused,,",
        "zoe@people.example,newsletter,refused,,",
    ]
    done = desk.apply("\n".join(lines) + "\n")
    assert reasons(done) == {
        "unreadable": [3, 14, 15, 17],
        "not_an_identifier": [4],
        "unknown_answer": [5],
        "not_a_time": [6, 7],
        "no_date": [8],
        "needs_evidence": [9],
        "future": [10],
        "unknown_purpose": [11],
        "unknown_notice_version": [12],
        "nobody": [13],
    }
    assert counts(done) == (17, 3, 0, 14)
    for name in ("ada", "max", "zoe"):
        assert desk.house.why({"email": f"{name}@people.example"}) == "refused"
    errors = desk.errors(done)
    assert len(errors) == 14
    assert not [line for line in errors if "people.example" in line]
    assert any(line.startswith("6,decided_at,not_a_time,") for line in errors)
    assert any("zone=Europe/Paris" in line for line in errors)


def test_an_e_mail_in_the_phone_column_is_named_as_such(lasting: Desk) -> None:
    done = lasting.send("phone,purpose,answer\nada@people.example,newsletter,refused\n")
    assert "write it like +33" in lasting.errors(done)[0]


def test_lines_of_another_delimiter_than_the_header_are_told_and_stop_no_other(
    lasting: Desk,
) -> None:
    lines = ["email;purpose;answer", "ivy@people.example,newsletter,refused",
             "jay@people.example;newsletter;refused",
             "kay@people.example\tnewsletter\trefused"]  # fmt: skip
    done = lasting.send("\n".join(lines) + "\n")
    assert counts(done) == (3, 1, 0, 2)
    assert reasons(done) == {"unreadable": [2, 4]}
    assert "the line has 1 cells, the header has 3" in lasting.errors(done)[0]


def test_a_cell_that_a_spreadsheet_computes_is_text_and_never_a_person(desk: Desk) -> None:
    lines = ["email,phone,purpose,answer,evidence,decided_at",
             '"=HYPERLINK(""http://evil.example"",""a@b.example"")",,newsletter,refused,,',
             "@SUM(1+1)*cmd,,newsletter,refused,,", ",'+33612345678,newsletter,refused,,",
             "lia@people.example,,newsletter,granted,=1+1,2026-03-01"]  # fmt: skip
    done = desk.apply("\n".join(lines) + "\n")
    assert reasons(done) == {"not_an_identifier": [2, 3]}
    # A spreadsheet keeps a number from being computed by a quote before it: that is read.
    assert desk.house.why({"phone": "+33612345678"}) == "refused"
    assert "evil" not in "".join(desk.errors(done))
    # The evidence is text, as it was written; what begins a formula leaves no export so.
    desk.house.clock.advance(hours=1)
    answer = desk.house.get("/v1/exports/decisions")
    told = csv.DictReader(answer.get_data(as_text=True).splitlines())
    evidence = {row["evidence"] for row in told}
    assert "'=1+1" in evidence
    assert "=1+1" not in evidence


def test_facts_that_contradict_each_other_are_refused_with_their_column(lasting: Desk) -> None:
    lines = ["email,relationship,since,until,capacity,country,birth_year",
             "ned@people.example,customer,2026-05-01,2026-01-01,,,",
             "oda@people.example,friend,,,,,",
             "pia@people.example,customer,,,both,,",
             "quy@people.example,customer,,,,France,",
             "ray@people.example,customer,,,,,1580",
             "sam@people.example,customer,2026-01-01,2026-05-01,consumer,FR,1980"]  # fmt: skip
    done = lasting.send("\n".join(lines) + "\n")
    assert reasons(done) == {"unknown_fact": [2, 3, 4, 5, 6]}
    columns = [line.split(",")[1] for line in lasting.errors(done)]
    assert columns == ["until", "relationship", "capacity", "country", "birth_year"]


def test_a_time_without_a_zone_is_read_in_the_zone_that_is_told(desk: Desk) -> None:
    text = (
        "email,purpose,answer,decided_at\n"
        "ada@people.example,newsletter,granted,2026-07-01 10:00:00\n"
    )
    desk.apply(text, zone="Europe/Paris", notice_version=desk.house.form, evidence="form")
    decision = desk.house.ask(ADA)["decision"]
    shown = desk.house.get(f"/v1/decisions/{decision}").get_json()
    assert shown["decided_at"] == "2026-07-01T08:00:00.000000Z"
    assert desk.send(text, zone="Nowhere/At_all", status=422)["errors"][0]["pointer"] == "/zone"


def test_columns_are_mapped_and_a_mapping_is_saved_by_name(desk: Desk) -> None:
    text = "Adresse;Choix\nada@people.example;non\nben@people.example;no\n"
    pairs = "email=Adresse,answer=Choix"
    done = desk.send(text, map=pairs, purpose="newsletter", save_map="old-shop")
    assert reasons(done) == {"unknown_answer": [2]}
    assert counts(desk.apply(text, map="old-shop", purpose="newsletter")) == (2, 1, 0, 1)
    told = desk.house.get("/v1/imports").get_json()["maps"]
    assert told == [{"name": "old-shop", "columns": {"email": "Adresse", "answer": "Choix"}}]
    assert desk.send(text, map="nobodys", status=422)["errors"][0]["pointer"] == "/map"
    assert desk.send(text, map="mail=Adresse", status=422)["errors"][0]["pointer"] == "/map"


@pytest.mark.parametrize(
    ("sent", "more", "unread"),
    [
        pytest.param(NO, {}, [], id="all of them are read"),
        pytest.param(
            "Email,purposes,answer,Tags,,Tags\nada@people.example,newsletter,refused,a,,b\n",
            {"purpose": "newsletter"},
            [("purposes", "purpose"), ("Tags", None)],
            id="misspelt, and of another tool",
        ),
        pytest.param(
            "Adresse,Ville,purpose,answer\nada@people.example,Lyon,newsletter,refused\n",
            {"map": "email=adresse"},
            [("Ville", None)],
            id="mapped",
        ),
        pytest.param(
            "email,uuid,status,attributes\nada@people.example,,blocklisted,{}\n",
            {"preset": "listmonk", "purpose": "newsletter"},
            [("attributes", None)],
            id="a preset",
        ),
        pytest.param(
            "a@b.example,purpose,answer\nada@people.example,newsletter,no\n",
            {"header": "email,colour,answer", "purpose": "newsletter"},
            [("colour", None)],
            id="told",
        ),
    ],
)
def test_columns_that_nothing_is_read_from_are_named(
    lasting: Desk, sent: str, more: dict[str, Any], unread: list[tuple[str, str | None]]
) -> None:
    done = lasting.send(sent, **more)
    assert [(each["column"], each["like"]) for each in done["unread"]] == unread
    seen = lasting.house.get(f"/v1/imports/{done['id']}").get_json()
    assert seen["unread"] == done["unread"]


def test_members_that_nothing_is_read_from_are_named_and_no_address(lasting: Desk) -> None:
    line = '{"email": "ada@people.example", "adress": 1, "x@people.example": 2, "purpose": "n"}'
    done = lasting.send(line + "\n", media="application/x-ndjson", answer="refused")
    assert done["unread"] == [{"column": "adress", "like": None}]
    assert lasting.send("nonsense\n", media="application/x-ndjson")["unread"] == []


def test_a_file_without_a_header_is_read_when_its_columns_are_told(lasting: Desk) -> None:
    text = "ada@people.example,newsletter,refused\n"
    assert counts(lasting.send(text, header="email,purpose,answer")) == (1, 1, 0, 0)


def test_one_json_object_a_line_does_as_well(desk: Desk) -> None:
    text = (
        '{"email": "ada@people.example", "purpose": "newsletter", "answer": "refused"}\n'
        '{"email": "ben@people.example", "purpose": ["newsletter"]}\n'
        "not json\n\n"
        '{"email": "zoe@people.example", "purpose": "newsletter", "answer": "no", "x": 1}\n'
    )
    done = desk.apply(text, media="application/x-ndjson")
    assert reasons(done) == {"unreadable": [2, 3]}
    assert counts(done) == (4, 2, 0, 2)


def test_another_kind_of_body_is_415(lasting: Desk) -> None:
    assert lasting.send("{}", media="application/json", status=415)


@pytest.mark.parametrize("quoted", [3, 99, 400])
def test_a_quote_that_never_closes_swallows_no_line(quoted: int) -> None:
    lines = [f"a{number},b\n" for number in range(600)]
    lines[quoted] = f'"a{quoted},b\n'
    read = list(
        csv_records(io.StringIO("".join(lines)), columns=2, delimiter=",", header=False)
    )
    assert [record.line for record in read] == list(range(1, 601))
    assert [record.line for record in read if record.wrong] == [quoted + 1]


def test_quoted_cells_hold_lines_and_the_next_record_has_its_own_number() -> None:
    text = 'email,note\na@b.example,"one\ntwo, ""three"""\nc@d.example,x\n'
    read = list(csv_records(io.StringIO(text), columns=2, delimiter=",", header=True))
    assert [(r.line, list(r.cells)) for r in read] == [
        (2, ["a@b.example", 'one\ntwo, "three"']),
        (4, ["c@d.example", "x"]),
    ]


def test_a_line_of_ten_megabytes_takes_no_more_memory_than_another() -> None:
    text = io.StringIO("a,b\n" + "x" * 10_000_000 + "\nc,d\n")
    read = list(csv_records(text, columns=2, delimiter=",", header=False))
    assert [(record.line, bool(record.wrong)) for record in read] == [
        (1, False),
        (2, True),
        (3, False),
    ]


def test_a_header_is_told_by_its_commonest_delimiter() -> None:
    assert header_of(io.StringIO("a;b, c;d\n"), None) == (["a", "b, c", "d"], ";")
    assert header_of(io.StringIO("email\n"), None)[0] == ["email"]


def test_json_lines_count_from_one() -> None:
    read = list(ndjson_records(io.StringIO('{"a": 1}\n\n{"b": true, "c": null}\n')))
    assert [(r.line, r.cells) for r in read] == [
        (1, {"a": "1"}),
        (3, {"b": "true", "c": ""}),
    ]
