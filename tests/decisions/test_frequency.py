"""Pauses and caps that a person chose: `not_now`, one by one, in lists, and as of a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from consent_server.clock import rfc3339
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
def ada(house: House) -> dict[str, str]:
    """Give somebody new who has said yes to the newsletter."""
    who = {"email": f"ada{next(_numbers)}@people.example"}
    assert house.tell(who).status_code == 201
    return who


def want(house: House, who: dict[str, str], **but: Any) -> TestResponse:
    body = {"subject": who, "purpose": "newsletter", "source": "phone-call", **but}
    return house.post("/v1/frequency", body)


def attempt(house: House, who: dict[str, str], **but: Any) -> None:
    body = {"subject": who, "channel": "email", "source": "email", **but}
    assert house.post("/v1/contacts/attempts", body).status_code == 201


def later(clock: HandClock, **by: float) -> datetime:
    return clock() + timedelta(**by)


@pytest.mark.parametrize("scope", ["newsletter", "marketing"])
def test_a_pause_is_not_now_until_its_end_and_then_the_yes_counts_again(
    house: House, clock: HandClock, ada: dict[str, str], scope: str
) -> None:
    end = later(clock, days=10)
    answer = want(house, ada, purpose=scope, pause_until=rfc3339(end))
    assert answer.status_code == 201
    assert answer.get_json()["pause_until"] == rfc3339(end)
    said = house.ask(ada)
    assert (said["allowed"], said["because"]) == (False, "not_now")
    assert said["next_permitted_at"] == rfc3339(end)
    clock.advance(days=10)
    assert house.why(ada) == "consent"


def test_a_pause_of_one_purpose_is_none_of_another(house: House, clock: HandClock) -> None:
    who = {"email": f"ben{next(_numbers)}@people.example"}
    house.tell(who, choices={"newsletter": "granted", "newsletter.professional": "granted"})
    want(house, who, pause_until=rfc3339(later(clock, days=2)))
    assert house.why(who) == "not_now"
    assert house.why(who, "newsletter.professional") != "not_now"


def test_a_pause_allows_nobody_who_was_not_allowed(house: House, clock: HandClock) -> None:
    who = {"email": f"cleo{next(_numbers)}@people.example"}
    want(house, who, pause_until=rfc3339(later(clock, days=2)))
    assert house.why(who) == "never_asked"
    house.tell(who, choices={"newsletter": "refused"})
    assert house.why(who) == "refused"


def test_a_cap_counts_attempts_and_says_when_the_next_is_due(
    house: House, clock: HandClock, ada: dict[str, str]
) -> None:
    assert want(house, ada, cap={"most": 2, "within": "P1M"}).status_code == 201
    first = clock()
    attempt(house, ada)
    assert house.why(ada) == "consent"
    clock.advance(days=1)
    attempt(house, ada, purpose="newsletter")
    attempt(house, ada, purpose="newsletter.professional")
    said = house.ask(ada)
    assert said["because"] == "not_now"
    due = datetime.fromisoformat(said["next_permitted_at"])
    assert due - first > timedelta(days=28)
    clock.advance(seconds=(due - clock()).total_seconds())
    assert house.why(ada) == "consent"


def test_bulk_answers_as_the_single_question_does(
    house: House, clock: HandClock, ada: dict[str, str]
) -> None:
    want(house, ada, pause_until=rfc3339(later(clock, days=3)))
    answer = house.client.post(
        "/v1/permissions/bulk?purpose=newsletter",
        data=f"email\n{ada['email']}\n",
        content_type="text/csv",
        headers=house.headers,
        buffered=True,
    )
    assert ",false,not_now," in answer.get_data(as_text=True)


def test_a_past_day_is_answered_with_the_pause_of_that_day(
    house: House, clock: HandClock, ada: dict[str, str]
) -> None:
    before = clock()
    clock.advance(days=1)
    want(house, ada, pause_until=rfc3339(later(clock, days=3)))
    clock.advance(days=1)
    during = clock()
    clock.advance(days=10)
    for known in ({}, {"known": "now"}):
        assert house.why(ada, at=rfc3339(before), **known) == "consent"
        assert house.why(ada, at=rfc3339(during), **known) == "not_now"
    assert house.why(ada) == "consent"


def test_the_full_explanation_says_who_asked_for_it(
    house: House, clock: HandClock, ada: dict[str, str]
) -> None:
    want(house, ada, pause_until=rfc3339(later(clock, days=3)))
    want(house, ada, cap={"most": 1, "within": "P1W"})
    said = house.ask(ada, explain="full")
    assert "asked for a pause" in said["explanation"]["en"]
    assert "demandé au plus 1" in said["explanation"]["fr"]


def test_a_system_may_ask_for_less_and_never_for_more(
    house: House, clock: HandClock, ada: dict[str, str]
) -> None:
    soon, late = rfc3339(later(clock, days=3)), rfc3339(later(clock, days=30))
    assert want(house, ada, pause_until=late).status_code == 201
    refused = want(house, ada, pause_until=soon)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "only_the_person")
    assert want(house, ada, cap={"most": 2, "within": "P1M"}).status_code == 201
    assert want(house, ada, cap={"most": 4, "within": "P1M"}).status_code == 409
    assert want(house, ada, cap={"most": 2, "within": "P1W"}).status_code == 409
    assert want(house, ada, cap={"most": 1, "within": "P1M"}).get_json()["cap"]["most"] == 1
    assert house.ask(ada)["next_permitted_at"] == late


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"purpose": "no.such.purpose", "cap": {"most": 1, "within": "P1M"}}, "/purpose"),
        ({"purpose": "accounting", "cap": {"most": 1, "within": "P1M"}}, "/purpose"),
        ({"cap": {"most": 0, "within": "P1M"}}, "/cap/most"),
        ({"cap": {"most": 1, "within": "P9Y"}}, "/cap/within"),
        ({"pause_until": rfc3339(datetime(2020, 1, 1, tzinfo=UTC))}, "/pause_until"),
        ({"pause_until": "9999-12-31T00:00:00Z"}, "/pause_until"),
        ({}, ""),
    ],
)
def test_a_bad_wish_names_its_field(
    house: House, ada: dict[str, str], body: dict[str, Any], pointer: str
) -> None:
    answer = want(house, ada, **body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.get_json()["errors"]] == [pointer]


def test_a_linked_person_is_paused_whole(house: House, clock: HandClock) -> None:
    one, two = ({"email": f"dora{next(_numbers)}@people.example"} for _ in range(2))
    for who in (one, two):
        house.tell(who)
    want(house, one, pause_until=rfc3339(later(clock, days=3)))
    house.post("/v1/links", {"identifiers": [one, two], "source": "meeting"})
    assert house.why(two) == "not_now"
