"""Proof of asking: who asked about a person is tallied; an answer can be signed."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.statements import taken_down
from consent_server.db import TROUBLE, Sql, as_json, read, to_json, write
from consent_server.ids import parse, public
from consent_server.permissions import asked
from consent_server.permissions import tally as counting
from consent_server.permissions.asked import _date, forget_asking, forget_old
from consent_server.permissions.cli import asked_command
from consent_server.permissions.tally import PART_BITS, part_of, tally, tally_next
from consent_server.web.batches import batches_of
from tests.support.house import make_house
from tests.support.make import bearer, make_key

if TYPE_CHECKING:
    from flask import Flask

    from tests.support.clock import HandClock
    from tests.support.house import House

ADA = {"email": "ada@people.example"}


def shown(house: House, subject: dict[str, str] = ADA) -> list[dict[str, Any]]:
    answer = house.post("/v1/permissions/asked", {"subject": subject})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: list[dict[str, Any]] = answer.get_json()["asked"]
    return found


def tally_all(house: House) -> None:
    """Tally as the worker does, one part after the other, from somewhere in the middle."""
    last = 128
    while rows_of(house, "asking_noted"):
        last = tally_next(house.organisation, last)


def rows_of(house: House, table: str) -> int:
    with read(house.organisation) as tx:
        return int(tx.run(Sql(f"SELECT count(*) FROM {table}"))[0][0])


def key_id(house: House) -> str:
    return f"key_{house.key[8:16]}"


def test_who_asked_is_tallied_by_key_purpose_day_and_answer(app: Flask, house: House) -> None:
    house.tell(ADA)
    for _ in range(3):
        house.ask(ADA)  # the first by the route, the others by the door in front of it
    house.ask(ADA, "prospecting.phone")
    house.tell(ADA, choices={"newsletter": "withdrawn"})
    house.ask(ADA)
    house.clock.advance(days=1)
    house.ask(ADA)
    assert shown(house) == []
    batches_of(app).flush()
    told = [
        (each["day"], each["purpose"], each["allowed"], each["count"]) for each in shown(house)
    ]
    assert sorted(told) == [
        ("2026-11-23", "newsletter", False, 1),
        ("2026-11-23", "newsletter", True, 3),
        ("2026-11-23", "prospecting.phone", False, 1),
        ("2026-11-24", "newsletter", False, 1),
    ]
    assert {(each["key"], each["name"]) for each in shown(house)} == {
        (key_id(house), "a test's")
    }
    noted = shown(house)
    tally_all(house)
    assert shown(house) == noted
    assert (rows_of(house, "asking"), rows_of(house, "asking_noted")) == (4, 0)


def test_id_12_a_lookup_of_nobody_costs_and_leaves_as_much_as_one_of_somebody(
    app: Flask, house: House
) -> None:
    house.tell(ADA)
    asked_of = []
    for who in (ADA, {"email": "nobody@people.example"}):
        with taken_down() as steps:
            answer = house.post("/v1/permissions", {"subject": who, "purpose": "newsletter"})
        asked_of.append(([step.texts for step in steps], set(answer.get_json())))
        # Each counts against the caller's quota, whoever is asked about.
        assert "RateLimit" in answer.headers
    (known, said), (unknown, said_of_nobody) = asked_of
    assert known == unknown != []
    assert said == said_of_nobody
    batches_of(app).flush()
    assert [each["key"] for each in shown(house)] == [key_id(house)]


def test_several_questions_count_each_and_the_past_counts_not(app: Flask, house: House) -> None:
    house.tell(ADA)
    then = house.at(house.clock())
    house.clock.advance(minutes=1)
    several = {"purpose": "newsletter"}, {"purpose": "newsletter", "at": then}
    house.post("/v1/permissions", {"subject": ADA, "questions": list(several)})
    batches_of(app).flush()
    assert [each["count"] for each in shown(house)] == [1]


def test_what_is_tallied_in_two_batches_adds_up(app: Flask, house: House) -> None:
    house.tell(ADA)
    for count in range(1, 4):
        house.ask(ADA)
        batches_of(app).flush()
        assert [each["count"] for each in shown(house)] == [count]
        # Of the first two, one is tallied already when the other is noted.
        if count != 2:
            tally_all(house)
    assert [each["count"] for each in shown(house)] == [3]


def test_a_part_that_holds_much_is_tallied_in_pieces(
    app: Flask, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [{"email": f"p{number}@people.example"} for number in range(3)]
    for who in people:
        house.tell(who)
    for _ in range(4):
        for who in people:
            house.ask(who)
        batches_of(app).flush()
    monkeypatch.setattr(counting, "_AT_ONCE", 40)
    tally_all(house)
    assert [[each["count"] for each in shown(house, who)] for who in people] == [[4]] * 3
    assert rows_of(house, "asking_noted") == 0


def test_several_who_tally_while_others_note_count_each_asking_once(
    app: Flask, house: House
) -> None:
    number = parse("sub", house.tell(ADA).get_json()["subject"])
    assert number is not None
    note = (house.organisation, key_id(house), public("sub", number), "newsletter", 20_000, 1)

    def work(turn: int) -> None:
        with app.app_context():
            if turn % 3:
                assert not asked._write([note])
            else:
                tally(house.organisation, part_of(number))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(30)))
    assert [each["count"] for each in shown(house)] == [20]
    tally_all(house)
    assert [each["count"] for each in shown(house)] == [20]


def test_who_is_erased_while_her_part_is_tallied_is_not_tallied(
    app: Flask, house: House
) -> None:
    house.tell(ADA)
    number = parse("sub", house.ask(ADA)["subject"]) or 0
    batches_of(app).flush()

    def erase() -> None:
        with app.app_context(), write(house.organisation) as tx:
            forget_asking(tx, house.organisation, number)

    place = {"organisation": house.organisation, "part": part_of(number), "last": (1 << 63) - 1}
    with ThreadPoolExecutor(1) as threads:
        with write(house.organisation) as tx:
            tx.run(counting.COUNT, place)
            if not tx.postgresql:
                tx.run(counting._COUNTED, place)
            erasing = threads.submit(erase)
            # Until it waits for what the tally holds; on SQLite it waits to begin.
            while tx.postgresql and not tx.run(Sql("SELECT 1 FROM pg_locks WHERE NOT granted")):
                assert not erasing.done()
        erasing.result()
    assert (rows_of(house, "asking"), rows_of(house, "asking_noted")) == (0, 0)


def test_each_part_that_holds_something_has_its_turn(app: Flask, house: House) -> None:
    key, several = key_id(house), [number << PART_BITS for number in (3, 200, 7)]
    place = ("newsletter", 20_000, 1)
    assert not asked._write(
        [(house.organisation, key, public("sub", one), *place) for one in several]
    )
    found = [tally_next(house.organisation, last) for last in (3, 7, 200, 1)]
    # Once there is nothing left, it stays where it was.
    assert found == [7, 200, 3, 1]


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(
                st.just("note"), st.integers(0, 2), st.integers(20_000, 20_001), st.booleans()
            ),
            st.tuples(st.just("tally")),
            st.tuples(st.just("forget"), st.integers(0, 2)),
        ),
        max_size=30,
    )
)
def test_whatever_is_noted_tallied_and_forgotten_is_shown_as_often_as_it_was(
    app: Flask, house: House, steps: list[tuple[Any, ...]]
) -> None:
    people = [{"email": f"p{number}@people.example"} for number in range(3)]
    names = [house.tell(who).get_json()["subject"] for who in people]
    with write(house.organisation) as tx:
        for name in names:
            forget_asking(tx, house.organisation, parse("sub", name) or 0)
    right: list[Counter[tuple[str, bool]]] = [Counter() for _ in people]
    for kind, *told in steps:
        if kind == "note":
            who, day, allowed = told
            right[who][_date(day), allowed] += 1
            place = (names[who], "newsletter", day, int(allowed))
            assert not asked._write([(house.organisation, key_id(house), *place)])
        elif kind == "tally":
            tally_all(house)
        else:
            right[told[0]].clear()
            with write(house.organisation) as tx:
                forget_asking(tx, house.organisation, parse("sub", names[told[0]]) or 0)
    found = [
        {(each["day"], each["allowed"]): each["count"] for each in shown(house, who)}
        for who in people
    ]
    assert found == right


def test_trouble_in_the_middle_doubles_nothing(
    app: Flask, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [{"email": f"p{number}@people.example"} for number in range(5)]
    for who in people:
        house.tell(who)
        house.ask(who)
    monkeypatch.setattr(asked, "_AT_ONCE", 2)
    add, calls = asked._add, iter(range(9))

    def fail_at_the_second(*words: Any) -> None:
        if next(calls) == 1:
            raise TROUBLE[0]("away", None, OSError())
        add(*words)

    monkeypatch.setattr(asked, "_add", fail_at_the_second)
    batches_of(app).flush()
    told = [sum(each["count"] for each in shown(house, who)) for who in people]
    assert sum(told) == 2
    batches_of(app).flush()
    assert [sum(each["count"] for each in shown(house, who)) for who in people] == [1] * 5


def test_who_was_erased_since_is_not_tallied(app: Flask, house: House) -> None:
    house.tell(ADA)
    house.ask(ADA)
    house.post("/v1/subjects/erase", {"subject": ADA, "reason": "asked"})
    batches_of(app).flush()
    assert shown(house) == []
    tally_all(house)
    assert (rows_of(house, "asking"), rows_of(house, "asking_noted")) == (0, 0)


def test_what_was_noted_with_others_goes_with_her_alone_when_she_is_erased(
    app: Flask, house: House
) -> None:
    house.tell(ADA)
    house.ask(ADA)
    hers = parse("sub", house.ask(ADA)["subject"]) or 0
    batches_of(app).flush()
    # Next to her, and asked about in the same second.
    other = hers ^ 1
    with write(house.organisation) as tx:
        notes = Sql("UPDATE asking_noted SET counts = :counts")
        tx.run(notes, {"counts": to_json({hers: 2, other: 1})})
    house.post("/v1/subjects/erase", {"subject": ADA, "reason": "asked"})
    with read(house.organisation) as tx:
        ((left,),) = tx.run(Sql("SELECT counts FROM asking_noted"))
    assert as_json(left) == {str(other): 1}


def test_nobody_known_and_unknown_purposes_are_no_trouble(app: Flask, house: House) -> None:
    house.tell(ADA)
    house.ask({"email": "nobody@people.example"})
    house.ask(ADA, "no.such.purpose")
    batches_of(app).flush()
    assert shown(house) == []
    assert shown(house, {"email": "nobody@people.example"}) == []


def test_a_linked_person_is_shown_who_asked_by_her_other_name(app: Flask, house: House) -> None:
    one = house.tell({"external_id": "C-1"}).get_json()["subject"]
    two = house.tell(ADA).get_json()["subject"]
    house.ask({"external_id": "C-1"})
    batches_of(app).flush()
    house.post("/v1/links", {"subjects": [one, two], "source": "crm"})
    assert [each["count"] for each in shown(house)] == [1]


def test_lists_she_stood_on_are_shown_plain_or_hashed(app: Flask, house: House) -> None:
    house.tell(ADA)
    hashed = sha256(ADA["email"].encode()).hexdigest()
    lists = (("email", ADA["email"]), ("sha256_email", hashed), ("email", "x@y.example"))
    names = []
    for column, text in lists:
        house.clock.advance(minutes=1)
        answer = house.client.post(
            "/v1/permissions/bulk?purpose=newsletter",
            data=f"{column}\n{text}\n",
            headers={**house.headers, "Content-Type": "text/csv", "Accept": "text/csv"},
        )
        assert answer.get_data()
        names.append(answer.headers["Consent-Clearance"])
    house.ask(ADA)
    batches_of(app).flush()
    told = house.post("/v1/permissions/asked", {"subject": ADA}).get_json()
    assert [each["clearance"] for each in told["campaigns"]] == [names[1], names[0]]
    who = {(each["key"], each["name"]) for each in told["campaigns"]}
    assert who == {(key_id(house), "a test's")}
    command = CliRunner().invoke(asked_command, [ADA["email"], "--json"])
    assert json.loads(command.output) == told
    read_by_staff = CliRunner().invoke(asked_command, [ADA["email"]]).output
    assert "a test's" in read_by_staff
    assert names[0] in read_by_staff
    assert CliRunner().invoke(asked_command, ["nobody@people.example"]).exit_code != 0


def test_showing_it_leaves_a_line_and_needs_the_scope(house: House, clock: HandClock) -> None:
    house.tell(ADA)
    shown(house)
    entries = house.get("/v1/audit?limit=200").get_json()["entries"]
    assert "asking.shown" in {each["action"] for each in entries}


def test_it_can_be_forgotten_for_one_and_when_it_is_old(app: Flask, house: House) -> None:
    house.tell(ADA)
    subject = parse("sub", house.ask(ADA)["subject"])
    assert subject is not None
    batches_of(app).flush()
    with write(house.organisation) as tx:
        forget_old(tx, house.organisation, house.clock())
    assert len(shown(house)) == 1
    with write(house.organisation) as tx:
        forget_asking(tx, house.organisation, subject)
    assert shown(house) == []
    house.ask(ADA)
    batches_of(app).flush()
    tally_all(house)
    house.clock.advance(days=402)
    with write(house.organisation) as tx:
        forget_old(tx, house.organisation, house.clock())
    assert shown(house) == []


# ------------------------------------------------------------------------------ clearance


def cleared(house: House, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = house.ask(ADA, clearance=True, **more)
    return answer


def verified(house: House, text: str) -> Any:
    return house.post("/v1/permissions/verify", {"clearance": text}).get_json()


def test_an_answer_is_signed_if_one_asks_for_it(house: House) -> None:
    house.tell(ADA)
    answer = cleared(house)
    assert "clearance" not in house.ask(ADA)
    assert len(answer["clearance"]) < 700
    found = verified(house, answer["clearance"])
    assert found["valid"] is True
    same = ("allowed", "because", "purpose", "subject", "decision", "as_of", "max_age")
    assert {name: found["answer"][name] for name in same} == {
        name: answer[name] for name in same
    }
    assert found["answer"]["key"] == key_id(house)


def test_anybody_checks_it_with_the_published_key_alone(house: House) -> None:
    house.tell(ADA)
    text = cleared(house)["clearance"]
    (key,) = house.client.get("/.well-known/jwks.json").get_json()["keys"]

    def plain(part: str) -> bytes:
        return urlsafe_b64decode(part + "=" * (-len(part) % 4))

    header, payload, signature = text.split(".")
    assert json.loads(plain(header)) == {
        "alg": "Ed25519",
        "kid": key["kid"],
        "typ": "consent-answer+jwt",
    }
    public = Ed25519PublicKey.from_public_bytes(plain(key["x"]))
    public.verify(plain(signature), f"{header}.{payload}".encode())
    assert "ada" not in plain(payload).decode()


@pytest.mark.parametrize("place", range(0, 400, 37))
def test_one_changed_letter_is_no_clearance(house: House, place: int) -> None:
    house.tell(ADA)
    text = cleared(house)["clearance"]
    place = min(place, len(text) - 1)
    other = "A" if text[place] != "A" else "B"
    changed = text[:place] + other + text[place + 1 :]
    assert verified(house, changed) == {"valid": False, "answer": None}


@pytest.mark.parametrize("text", ["x", "..", "a.b.c", "é.é.é", "e30.e30.e30", "." * 4000])
def test_junk_is_no_clearance(house: House, text: str) -> None:
    assert verified(house, text) == {"valid": False, "answer": None}


def test_anothers_clearance_is_not_ones_own(app: Flask, house: House, clock: HandClock) -> None:
    house.tell(ADA)
    text = cleared(house)["clearance"]
    other = make_house(app, clock, "hebergis")
    assert verified(other, text) == {"valid": False, "answer": None}
    weak = make_key(clock, house.organisation, set())
    refused = house.client.post(
        "/v1/permissions/verify", json={"clearance": text}, headers=bearer(weak)
    )
    assert refused.status_code == 403
