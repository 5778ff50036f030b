"""Contacts through HTTP: what the person did last, and our attempts to reach her."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.ground import ground

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.support.clock import HandClock
    from tests.support.ground import Ground
    from tests.support.house import House

__all__ = ["ground"]
_numbers = count(1)


@pytest.fixture(scope="module")
def house(ground: Ground) -> House:
    """Give one organisation for all tests here: each brings people of its own."""
    return ground.ours


@pytest.fixture(scope="module")
def clock(ground: Ground) -> HandClock:
    """Give the clock of that organisation's server."""
    return ground.clock


@pytest.fixture
def ada() -> dict[str, str]:
    """Give the address of somebody new."""
    return {"email": f"ada{next(_numbers)}@people.example"}


@pytest.fixture
def phone() -> dict[str, str]:
    """Give the number of somebody new."""
    return {"phone": f"+336123{next(_numbers):05}"}


def touch(house: House, subject: dict[str, Any], **but: Any) -> TestResponse:
    body = {"subject": subject, "kind": "order", "source": "website-form", **but}
    return house.post("/v1/contacts/touch", body)


def attempt(house: House, subject: dict[str, Any], **but: Any) -> TestResponse:
    body = {"subject": subject, "channel": "phone", "source": "phone-call", **but}
    return house.post("/v1/contacts/attempts", body)


def prospect(house: House, clock: HandClock, *who: dict[str, str]) -> None:
    facts = {"relationships": [{"kind": "prospect", "since": house.at(clock())}]}
    body = {"identifiers": [*who], "source": "meeting", **facts}
    assert house.post("/v1/subjects", body).status_code == 201


def test_pro_6_what_the_person_does_keeps_her_data_longer_and_an_open_does_not(
    house: House, clock: HandClock, ada: dict[str, str]
) -> None:
    prospect(house, clock, ada)
    paper = {"assertion": "evidenced", "evidence": "signed form"}
    house.tell(ada, choices={"newsletter.professional": "granted"}, **paper)
    clock.advance(days=1000)
    opened = touch(house, ada, kind="open")
    assert opened.status_code == 422
    assert opened.get_json()["errors"][0]["pointer"] == "/kind"
    assert touch(house, ada, kind="click").status_code == 201
    clock.advance(days=500)
    assert house.why(ada, "newsletter.professional") != "past_retention"
    clock.advance(days=1000)
    assert house.why(ada, "newsletter.professional") == "past_retention"


def test_a_contact_reported_late_counts_from_when_it_was_and_never_shortens(
    house: House, clock: HandClock, ada: dict[str, str]
) -> None:
    prospect(house, clock, ada)
    early = house.at(clock())
    clock.advance(days=900)
    assert touch(house, ada).status_code == 201
    late = touch(house, ada, kind="reply", at=early)
    assert late.get_json()["at"] == early
    clock.advance(days=900)
    assert house.why(ada) != "past_retention"


def test_the_same_contact_told_twice_is_one_with_or_without_an_idempotency_key(
    house: House, clock: HandClock, phone: dict[str, str]
) -> None:
    at = house.at(clock())
    first, second = (attempt(house, phone, at=at) for _ in range(2))
    assert first.get_json() == second.get_json()
    body = {"subject": phone, "channel": "phone", "source": "phone-call"}
    headers = {**house.headers, "Idempotency-Key": "a-call"}
    one, again = (
        house.client.post("/v1/contacts/attempts", json=body, headers=headers) for _ in range(2)
    )
    assert one.status_code == again.status_code == 201
    assert again.headers["Idempotent-Replayed"] == "true"


def test_several_contacts_are_recorded_in_one_call_or_none_of_them(
    house: House, clock: HandClock, ada: dict[str, str], phone: dict[str, str]
) -> None:
    one = {"subject": ada, "kind": "click", "source": "email"}
    two = {"subject": {"phone": "not a phone"}, "kind": "call", "source": "phone-call"}
    refused = house.post("/v1/contacts/touch", {"contacts": [one, two]})
    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["pointer"] == "/contacts/1/subject/phone"
    both = house.post("/v1/contacts/touch", {"contacts": [one, one, {**one, "kind": "order"}]})
    subjects = {each["subject"] for each in both.get_json()["contacts"]}
    assert len(subjects) == 1
    mixed = house.post("/v1/contacts/touch", {**one, "contacts": [one]})
    assert mixed.status_code == 422


@pytest.mark.parametrize(
    ("but", "pointer"),
    [
        ({"at": "tomorrow"}, "/at"),
        ({"subject": {}}, "/subject"),
        ({"subject": {"phone": "ada@people.example"}}, "/subject/phone"),
        ({"subject": {"phone": "0692 12 34"}}, "/subject/phone"),
        ({"channel": "web"}, "/channel"),
        ({"channel": "none"}, "/channel"),
        ({"outcome": "pleased"}, "/outcome"),
        ({"source": ""}, "/source"),
        ({"opened": True}, "/opened"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_contact_that_cannot_be_is_refused_by_its_field(
    house: House, clock: HandClock, but: dict[str, Any], pointer: str, phone: dict[str, str]
) -> None:
    if but.get("at") == "tomorrow":
        but = {"at": house.at(clock() + timedelta(days=1))}
    but = {"subject": phone, **but}
    answer = attempt(house, **but)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == pointer


def test_two_people_in_one_contact_are_refused(
    house: House, ada: dict[str, str], phone: dict[str, str]
) -> None:
    for who in (ada, phone):
        house.post("/v1/subjects", {"identifiers": [who], "source": "meeting"})
    answer = attempt(house, {**ada, **phone})
    assert answer.status_code == 409
    assert answer.get_json()["code"] == "identifiers_disagree"


def test_an_overseas_number_written_the_metropolitan_way_is_the_overseas_one(
    house: House, phone: dict[str, str]
) -> None:
    written = attempt(house, {"phone": "0692 12 34 56"}).get_json()["subject"]
    plain = attempt(house, {"phone": "+262692123456"}).get_json()["subject"]
    assert written == plain


def test_a_frozen_person_is_told_in_the_feed_and_a_contact_is_not(
    house: House, ada: dict[str, str]
) -> None:
    def told(body: dict[str, Any], path: str = "/v1/subjects") -> list[str]:
        after = house.get("/v1/events?limit=500").get_json()["next"]
        assert house.post(path, body).status_code == 201
        house.integrate()
        events = house.get(f"/v1/events?after={after}").get_json()["events"]
        return [event["type"] for event in events]

    house.integrate()
    frozen = {"identifiers": [ada], "source": "email", "restricted": True}
    assert told(frozen) == ["subject.updated", "subject.restricted"]
    assert told(frozen) == []
    touched = {"subject": ada, "kind": "reply", "source": "email"}
    assert told(touched, "/v1/contacts/touch") == []
