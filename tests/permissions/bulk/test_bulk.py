"""A whole list at once: the same answers as one by one, in the list's order."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from consent_server import organisations
from consent_server.db import read
from consent_server.ids import public
from consent_server.permissions.bulk.briefs.mark import digest_of, name_of
from consent_server.permissions.bulk.clearance import campaigns_about

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.support.house import House

BULK = "/v1/permissions/bulk"


def ask(house: House, body: bytes, media: str = "text/csv", **more: Any) -> TestResponse:
    query = {"purpose": "newsletter", **more.pop("query", {})}
    headers = {**house.headers, "Content-Type": media, **more.pop("headers", {})}
    return house.client.post(
        BULK, data=body, query_string=query, headers=headers, buffered=True, **more
    )


def lines(response: TestResponse) -> list[dict[str, str]]:
    assert response.status_code == 200, response.get_data(as_text=True)
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True))))


def reasons(response: TestResponse) -> list[str]:
    return [line["because"] for line in lines(response)]


@pytest.fixture
def known(house: House) -> House:
    """Give a house that knows one who agreed and one who left."""
    assert house.tell({"email": "anna@example.org"}).status_code == 201
    assert house.tell({"email": "ben@example.org"}).status_code == 201
    gone = house.told({"email": "ben@example.org"}, choices={"newsletter": "withdrawn"})
    assert house.post("/v1/decisions", gone).status_code == 201
    return house


def test_each_line_is_answered_in_its_place_with_its_own_columns(known: House) -> None:
    question = b"name,email\nAnna,anna@example.org\nBen,ben@example.org\nCy,cy@example.org\n"
    answer = ask(known, question)
    found = lines(answer)
    assert [line["name"] for line in found] == ["Anna", "Ben", "Cy"]
    assert [line["allowed"] for line in found] == ["true", "false", "false"]
    assert [line["because"] for line in found] == ["consent", "withdrawn", "never_asked"]
    assert found[0]["decision"].startswith("dec_")
    assert found[0]["regime"] == "consent"


def test_a_clearance_counts_the_reasons_and_names_both_files_by_their_hash(
    known: House,
) -> None:
    question = b"email\nanna@example.org\nnonsense\n"
    answer = ask(known, question)
    whole = answer.get_data()
    shown = known.get(f"/v1/clearances/{answer.headers['Consent-Clearance']}").get_json()
    assert shown["counts"] == {"consent": 1, "unreadable": 1}
    assert shown["asked"] == 2
    assert shown["question_sha256"] == hashlib.sha256(question).hexdigest()
    assert shown["answer_sha256"] == hashlib.sha256(whole).hexdigest()
    assert shown["as_of_first"] <= shown["as_of_last"]


def test_a_withdrawal_acknowledged_before_is_a_no_in_the_list(known: House) -> None:
    assert reasons(ask(known, b"email\nanna@example.org\n")) == ["consent"]
    gone = known.told({"email": "anna@example.org"}, choices={"newsletter": "withdrawn"})
    assert known.post("/v1/decisions", gone).status_code == 201
    assert reasons(ask(known, b"email\nanna@example.org\n")) == ["withdrawn"]


def test_ndjson_comes_back_as_it_came_and_ends_with_its_clearance(known: House) -> None:
    question = (
        b'{"email": "anna@example.org", "n": 1}\n\n{"subject": {"email": "cy@example.org"}}\n'
        b'not json\n[1]\n{"email": "anna@example.org", "allowed": true, "because": "so"}\n{}\n'
    )
    answer = ask(known, question, "application/x-ndjson")
    *found, last = [json.loads(line) for line in answer.get_data().splitlines()]
    assert [each["because"] for each in found] == [
        "consent",
        "never_asked",
        "unreadable",
        "unreadable",
        "consent",
        "unreadable",
    ]
    assert found[0]["n"] == 1
    assert found[0]["expires_at"]
    assert found[1]["subject"] == {"email": "cy@example.org"}
    assert found[1]["decision"] is None
    body = b"".join(answer.get_data().splitlines(keepends=True)[:-1])
    assert last["clearance"]["answer_sha256"] == hashlib.sha256(body).hexdigest()
    assert last["clearance"]["id"] == answer.headers["Consent-Clearance"]


def test_a_table_is_answered_in_ndjson_when_asked(known: House) -> None:
    wanted = {"Accept": "application/x-ndjson"}
    answer = ask(known, b"who;email\nA;anna@example.org\n", headers=wanted)
    first, last = [json.loads(line) for line in answer.get_data().splitlines()]
    assert first["who"] == "A"
    assert first["allowed"] is True
    assert last["clearance"]["counts"] == {"consent": 1}


def test_only_some_lines_come_back_and_all_are_counted(known: House) -> None:
    question = b"email\nanna@example.org\nben@example.org\n"
    assert reasons(ask(known, question, query={"only": "allowed"})) == ["consent"]
    denied = ask(known, question, query={"only": "denied"})
    assert reasons(denied) == ["withdrawn"]
    shown = known.get(f"/v1/clearances/{denied.headers['Consent-Clearance']}").get_json()
    assert shown["counts"] == {"consent": 1, "withdrawn": 1}


@pytest.mark.parametrize("duplex", ["true", "false"])
def test_gzip_goes_both_ways_and_hashes_are_of_what_is_inside(
    known: House, duplex: str
) -> None:
    question = b"email\r\nanna@example.org\r\n"
    sent = gzip.compress(question[:9]) + gzip.compress(question[9:])
    headers = {"Content-Encoding": "gzip", "Accept-Encoding": "gzip"}
    answer = ask(known, sent, headers=headers, query={"duplex": duplex})
    assert answer.headers["Content-Encoding"] == "gzip"
    inside = gzip.decompress(answer.get_data())
    assert inside.splitlines()[1].startswith(b"anna@example.org,true,consent,consent,dec_")
    shown = known.get(f"/v1/clearances/{answer.headers['Consent-Clearance']}").get_json()
    assert shown["question_sha256"] == hashlib.sha256(question).hexdigest()
    assert shown["answer_sha256"] == hashlib.sha256(inside).hexdigest()


def test_hashed_lists_are_answered_like_plain_ones(known: House) -> None:
    hashed = hashlib.sha256(b"anna@example.org").hexdigest()
    question = f"sha256_email\n{hashed}\n{hashed.upper()}\n{'0' * 64}\nshort\n".encode()
    assert reasons(ask(known, question)) == ["consent", "consent", "never_asked", "unreadable"]


def test_an_unknown_purpose_is_a_no_for_every_line(known: House) -> None:
    answer = ask(known, b"email\nanna@example.org\n", query={"purpose": "zeppelin"})
    assert reasons(answer) == ["unknown_purpose"]


def test_a_family_is_asked_with_its_channel(known: House) -> None:
    query = {"purpose": "prospecting", "channel": "phone"}
    answer = ask(known, b"phone\n01 99 00 12 34\n", query=query)
    assert reasons(answer) == ["never_asked"]


def test_the_clearance_is_a_leaf_that_a_stranger_can_check(known: House) -> None:
    name = ask(known, b"email\nanna@example.org\n").headers["Consent-Clearance"]
    assert known.get(f"/v1/clearances/{name}/proof").status_code == 409
    known.integrate()
    proof = known.get(f"/v1/clearances/{name}/proof").get_json()
    record = json.loads(proof["record"])
    assert record["kind"] == "clearance"
    assert record["id"] == name
    assert "anna" not in proof["record"]


@pytest.mark.parametrize(
    ("body", "media", "query", "status", "pointer"),
    [
        (b"", "text/csv", {}, 422, ""),
        (b"anna@example.org\n", "text/csv", {}, 422, "/column"),
        (b"email\n", "text/csv", {"column": "e-mail 2"}, 422, "/column"),
        (b"\xff\xfee\x00m\x00", "text/csv", {}, 422, ""),
        (b"email\n", "text/csv", {"purpose": ""}, 422, "/purpose"),
        (b"email\n", "text/csv", {"only": "some"}, 422, "/only"),
        (b"email\n", "application/json", {}, 415, None),
        (b"email\n", "text/csv; charset=utf-16", {}, 415, None),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_name(
    known: House,
    body: bytes,
    media: str,
    query: dict[str, str],
    status: int,
    pointer: str | None,
) -> None:
    answer = ask(known, body, media, query=query)
    problem = answer.get_json()
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert "anna" not in answer.get_data(as_text=True)
    if pointer is not None:
        assert problem["errors"][0]["pointer"] == pointer


def test_what_is_not_gzip_and_what_ends_early_is_refused(known: House) -> None:
    headers = {"Content-Encoding": "gzip"}
    assert ask(known, b"email\n", headers=headers).status_code == 400
    torn = gzip.compress(b"email\nanna@example.org\n" * 1000)[:-20]
    assert ask(known, torn, headers=headers).status_code == 400
    assert ask(known, b"", headers=headers).status_code == 422


def test_ndjson_is_not_answered_as_a_table(known: House) -> None:
    answer = ask(known, b"{}\n", "application/x-ndjson", headers={"Accept": "text/csv"})
    assert answer.status_code == 406


def test_a_foreign_clearance_and_a_missing_one_are_the_same(known: House) -> None:
    missing = known.get("/v1/clearances/clr_0000000000001")
    assert missing.status_code == 404
    assert known.get("/v1/clearances/nonsense").get_data() == missing.get_data()


def test_a_list_is_longer_than_any_other_body_and_has_a_limit_of_its_own(known: House) -> None:
    question = b"email\n" + b"anna@example.org\n" * 10_000
    assert reasons(ask(known, question)) == ["consent"] * 10_000
    limits = replace(
        known.client.application.extensions["consent.settings"].limits, bulk_megabytes=1
    )
    settings = replace(known.client.application.extensions["consent.settings"], limits=limits)
    known.client.application.extensions["consent.settings"] = settings
    bomb = gzip.compress(b"email\n" + b"x" * 2_000_000)
    assert ask(known, bomb, headers={"Content-Encoding": "gzip"}).status_code == 413
    assert ask(known, b"email\n" + b"x" * 2_000_000).status_code == 413


def test_a_campaign_is_remembered_by_those_it_asked_about(known: House) -> None:
    name = ask(known, b"email\nanna@example.org\nz@example.org\n").headers["Consent-Clearance"]
    keys = organisations.keys_of(known.organisation)
    with read(known.organisation) as tx:
        for address, told in (("anna@example.org", True), ("other@example.org", False)):
            hashes = [name_of(keys, digest_of("email", address), keys.index_version)]
            found = campaigns_about(tx, known.organisation, hashes)
            assert ([public("clr", each) for each in found] == [name]) is told


def test_promise_2_the_suppressed_and_the_erased_are_a_no_in_the_list(known: House) -> None:
    for address in ("cleo@example.org", "dora@example.org"):
        assert known.tell({"email": address}).status_code == 201
    question = b"email\nanna@example.org\ncleo@example.org\ndora@example.org\nnew@example.org\n"
    assert reasons(ask(known, question)) == ["consent"] * 3 + ["never_asked"]
    for address in ("anna@example.org", "new@example.org"):
        stopped = {"subject": {"email": address}, "scope": "marketing", "reason": "asked"}
        answer = known.post("/v1/suppressions", stopped)
        assert answer.status_code == 201, answer.get_data(as_text=True)
    gone = {"subject": {"email": "dora@example.org"}, "reason": "request"}
    answer = known.post("/v1/subjects/erase", gone)
    assert answer.status_code in {200, 201}, answer.get_data(as_text=True)
    said = reasons(ask(known, question))
    assert said == ["suppressed", "consent", "erased", "suppressed"]


def test_promise_2_what_stops_one_name_of_a_person_stops_the_others_in_the_list(
    known: House,
) -> None:
    both = {"email": "anna@example.org", "external_id": "crm-7"}
    named = {"identifiers": [{kind: text} for kind, text in both.items()], "source": "x"}
    assert known.post("/v1/subjects", named).status_code == 201
    stopped = {"subject": {"external_id": "crm-7"}, "scope": "marketing", "reason": "asked"}
    assert known.post("/v1/suppressions", stopped).status_code == 201
    assert known.why({"email": both["email"]}) == "suppressed"
    assert reasons(ask(known, b"email\nanna@example.org\n")) == ["suppressed"]
