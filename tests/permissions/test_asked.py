"""Proof of asking: who asked about a person is tallied; an answer can be signed."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bench.statements import taken_down
from consent_server.db import TROUBLE, Sql, read, write
from consent_server.ids import parse
from consent_server.permissions import asked
from consent_server.permissions.asked import forget_asking, forget_old
from consent_server.permissions.cli import asked_command
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
    for _ in range(2):
        house.ask(ADA)
        batches_of(app).flush()
    assert [each["count"] for each in shown(house)] == [2]


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
    with read(house.organisation) as tx:
        assert tx.run(Sql("SELECT count(*) FROM asking"))[0][0] == 0


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
