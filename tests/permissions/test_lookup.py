"""The lookup through HTTP: one identifier, one reason, now or at a past moment."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from tests.support.clock import HandClock
    from tests.support.house import House

ADA = {"email": "ada@people.example"}


def test_api_6_an_answer_has_every_member_of_the_contract(house: House) -> None:
    house.tell(ADA)
    answer = house.ask(ADA)
    assert set(answer) == {
        "allowed",
        "because",
        "basis",
        "regime",
        "purpose",
        "channel",
        "subject",
        "decision",
        "notice_version",
        "since",
        "expires_at",
        "as_of",
        "max_age",
    }
    assert answer["notice_version"] == house.form
    assert answer["regime"] == "consent"


def test_api_6_unknown_people_and_unknown_purposes_are_a_plain_no(house: House) -> None:
    assert house.why({"email": "nobody@people.example"}) == "never_asked"
    house.tell(ADA)
    assert house.why(ADA, "no.such.purpose") == "unknown_purpose"
    assert house.why(ADA, "newsletter", channel="phone") == "unknown_purpose"


@pytest.mark.parametrize("refuses", ["a", "b", "c"])
def test_a_no_of_one_is_a_no_by_every_address_of_the_linked_and_of_nobody_else(
    house: House, refuses: str
) -> None:
    who = {name: {"email": f"{name}@people.example"} for name in "abcd"}
    subjects = {name: house.tell(who[name]).get_json()["subject"] for name in who}
    links = [
        house.post("/v1/links", {"subjects": [subjects[one], subjects[two]], "source": "crm"})
        for one, two in ("ab", "bc")
    ]
    house.clock.advance(minutes=1)
    house.tell(who[refuses], choices={"newsletter": "withdrawn"})
    assert {name: house.why(who[name]) for name in who} == {
        **dict.fromkeys("abc", "withdrawn"), "d": "consent",
    }  # fmt: skip
    for link in links:
        house.client.delete(f"/v1/links/{link.get_json()['link']}", headers=house.headers)
    assert {name for name in who if house.why(who[name]) == "withdrawn"} == {refuses}


def test_a_family_and_a_channel_name_one_purpose(house: House) -> None:
    answer = house.ask(ADA, "prospecting", channel="phone")
    assert answer["purpose"] == "prospecting.phone"


def test_several_questions_are_answered_in_the_order_asked(house: House) -> None:
    house.tell(ADA)
    asked = [{"purpose": name} for name in ("newsletter", "nope", "prospecting.email")]
    body = {"subject": ADA, "questions": asked}
    answers = house.post("/v1/permissions", body).get_json()["permissions"]
    assert [answer["because"] for answer in answers] == [
        "consent",
        "unknown_purpose",
        "never_asked",
    ]


def test_hashed_identifiers_find_the_same_person(house: House) -> None:
    house.tell({**ADA, "phone": "+33612345678"})
    for kind, text in (
        ("sha256_email", "ada@people.example"),
        ("sha256_phone", "+33612345678"),
        ("sha256_phone", "33612345678"),
    ):
        hashed = hashlib.sha256(text.encode()).hexdigest()
        assert house.why({kind: hashed}) == "consent"


def test_a_past_date_is_answered_from_what_was_recorded_by_then(
    house: House, clock: HandClock
) -> None:
    before = house.at(clock())
    clock.advance(days=1)
    house.tell(ADA)
    granted = house.at(clock())
    clock.advance(days=1)
    house.post("/v1/decisions", house.told(ADA, choices={"newsletter": "refused"}))
    assert house.why(ADA, at=before) == "never_asked"
    assert house.why(ADA, at=granted) == "consent"
    assert house.why(ADA) == "withdrawn"
    assert house.ask(ADA, at=granted)["as_of"] == granted
    # A letter that says so afterwards does not rewrite what was answered then.
    clock.advance(days=1)
    assert house.why(ADA, at=granted) == "consent"


def test_the_past_as_known_today_believes_evidence(house: House, clock: HandClock) -> None:
    given = house.at(clock())
    clock.advance(days=10)
    paper = {"assertion": "evidenced", "evidence": "signed form", "decided_at": given}
    house.tell(ADA, choices={"prospecting.email": "granted"}, **paper)
    asked = {"purpose": "prospecting.email", "at": given}
    assert house.why(ADA, **asked) == "never_asked"
    assert house.why(ADA, **asked, known="now") == "consent"


@pytest.mark.parametrize(
    "subject",
    [
        {},
        {"email": "a@people.example", "phone": "+33612345678"},
        {"email": "not an address"},
        {"sha256_email": "abc"},
        {"visitor": "short"},
        {"fax": "1"},
    ],
    ids=["nobody", "two", "no address", "no hash", "no visitor", "no kind"],
)
def test_a_question_about_nobody_in_particular_is_refused(
    house: House, subject: dict[str, Any]
) -> None:
    answer = house.post("/v1/permissions", {"subject": subject, "purpose": "newsletter"})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"].startswith("/subject")


def test_the_future_cannot_be_asked(house: House, clock: HandClock) -> None:
    tomorrow = house.at(clock() + timedelta(days=1))
    body = {"subject": ADA, "purpose": "newsletter", "at": tomorrow}
    answer = house.post("/v1/permissions", body)
    assert answer.get_json()["errors"][0]["pointer"] == "/at"


def test_an_explanation_says_the_reason_in_both_languages(house: House) -> None:
    told = house.ask(ADA, explain="full")["explanation"]
    assert set(told) == {"fr", "en"}
    assert told["fr"].startswith("Non")


def test_security_12_answers_are_never_stored_by_anyone_between(house: House) -> None:
    body = {"subject": ADA, "purpose": "newsletter"}
    assert house.post("/v1/permissions", body).headers["Cache-Control"] == "no-store"


def test_a_suppression_stops_a_past_answer_however_the_person_is_named(
    house: House, clock: HandClock
) -> None:
    phone = {"phone": "+33612345678"}
    house.post("/v1/subjects", {"identifiers": [ADA, phone], "source": "contract"})
    asked = {"subject": ADA, "purpose": "marketing"}
    link = house.post("/v1/unsubscribe-links", asked).get_json()["url"]
    clock.advance(hours=1)
    path = urlsplit(link).path
    assert house.client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    clock.advance(hours=1)
    letter = {"assertion": "evidenced", "evidence": "letter of 3 March, scan 118"}
    assert house.tell({**ADA, **phone}, **letter).status_code == 201
    clock.advance(hours=1)
    hashed = hashlib.sha256(ADA["email"].encode()).hexdigest()
    for subject in (ADA, phone, {"sha256_email": hashed}):
        assert house.why(subject) == "suppressed"
        assert house.why(subject, at=house.at(clock())) == "suppressed"
        assert house.why(subject, at=house.at(clock()), known="now") == "suppressed"
