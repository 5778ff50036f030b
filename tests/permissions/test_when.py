"""PRO-4: call hours in the consumer's own time zone, and how often she may be called."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from consent_server.clock import from_micros, to_micros
from consent_server.organisations.document.law import Bounds
from consent_server.organisations.document.vocabulary import Weekday
from consent_server.permissions.values import Attempt, Because, Facts, Permission
from tests.permissions.world import FRANCE, LI, ask, person, prospect, purpose, yes

CALLS = purpose(channel="phone", validity=None)
PARIS = "Europe/Paris"
AGREED = person(
    rows=(yes(given_at=to_micros(datetime(2026, 9, 1, tzinfo=UTC))),),
    capacity="consumer",
    country="FR",
)


def at(text: str, zone: str = PARIS) -> int:
    return to_micros(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def call(text: str, facts: Facts = AGREED, zone: str = PARIS, **but: object) -> Permission:
    return ask(facts, CALLS, now=at(text, zone), **but)  # type: ignore[arg-type]


def opens(said: Permission, zone: str = PARIS) -> str:
    assert said.because is Because.NOT_NOW
    assert not said.allowed
    assert said.next_permitted_at is not None
    local = from_micros(said.next_permitted_at).astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize(
    "moment", ["10:00:00", "12:59:59", "14:00:00", "19:59:59"], ids=lambda text: str(text)
)
def test_pro_4_calls_are_allowed_from_10_to_13_and_14_to_20(moment: str) -> None:
    assert call(f"2026-11-24T{moment}").because is Because.CONSENT


@pytest.mark.parametrize(
    ("moment", "then"),
    [
        pytest.param("2026-11-24T09:59:59", "2026-11-24T10:00", id="before ten"),
        pytest.param("2026-11-24T13:00:00", "2026-11-24T14:00", id="at lunch"),
        pytest.param("2026-11-24T20:00:00", "2026-11-25T10:00", id="in the evening"),
        pytest.param("2026-11-28T11:00:00", "2026-11-30T10:00", id="on Saturday"),
        pytest.param("2026-11-29T11:00:00", "2026-11-30T10:00", id="on Sunday"),
        pytest.param("2026-11-11T11:00:00", "2026-11-12T10:00", id="on 11 November"),
        pytest.param("2026-12-24T20:00:00", "2026-12-28T10:00", id="over Christmas"),
        pytest.param("2026-10-23T20:00:00", "2026-10-26T10:00", id="over the hour's change"),
    ],
)
def test_pro_4_outside_it_is_not_now_and_says_when(moment: str, then: str) -> None:
    assert opens(call(moment)) == then


@pytest.mark.parametrize(
    ("country", "zone"),
    [
        ("RE", "Indian/Reunion"),
        ("YT", "Indian/Mayotte"),
        ("GP", "America/Guadeloupe"),
        ("MQ", "America/Martinique"),
        ("GF", "America/Cayenne"),
        ("PM", "America/Miquelon"),
        ("WF", "Pacific/Wallis"),
        ("NC", "Pacific/Noumea"),
    ],
)
def test_pro_4_the_hours_are_those_of_where_the_phone_rings(country: str, zone: str) -> None:
    # By the number asked, whatever is recorded of the person (standards.md ID-7); by what is
    # recorded, where no number was asked.
    for facts, but in (
        (AGREED, {"territory": country}),
        (replace(AGREED, country=country), {}),
    ):
        assert call("2026-11-24T10:00:00", facts, zone, **but).allowed
        assert opens(call("2026-11-24T09:00:00", facts, zone, **but), zone).endswith("T10:00")


def test_pro_4_where_a_territory_has_several_zones_it_must_be_time_in_each() -> None:
    tahiti, gambier = ZoneInfo("Pacific/Tahiti"), ZoneInfo("Pacific/Gambier")
    said = call("2026-11-24T10:00:00", AGREED, "Pacific/Gambier", territory="PF")
    assert said.because is Because.NOT_NOW
    assert said.next_permitted_at is not None
    then = from_micros(said.next_permitted_at)
    assert then.astimezone(tahiti).hour >= 10
    assert then.astimezone(gambier).hour < 13


def test_pro_4_hours_protect_consumers_and_are_for_selling_by_phone_only() -> None:
    night = at("2026-11-24T23:00:00")
    worker = person(
        relationships=(prospect(kind="customer", recorded_at=at("2026-01-01T00:00:00")),),
        capacity="professional",
        rows=AGREED.rows,
    )
    assert ask(worker, replace(LI, channel="phone"), now=night).allowed
    assert ask(worker, CALLS, now=night).allowed
    assert ask(AGREED, replace(CALLS, channel="email"), now=night).allowed
    assert ask(AGREED, replace(CALLS, kind="other"), now=night).allowed
    machine = replace(CALLS, channel="automated_call")
    assert ask(AGREED, machine, now=night).because is Because.NOT_NOW
    # A contract in progress allows the call, not the hour.
    bound = person(
        relationships=(
            prospect(kind="customer", contract=True, recorded_at=at("2026-01-01T00:00:00")),
        )
    )
    said = ask(bound, replace(LI, channel="phone"), now=night)
    assert said.because is Because.NOT_NOW


def test_a_no_is_said_before_the_hour() -> None:
    never = replace(AGREED, rows=())
    assert call("2026-11-24T23:00:00", never).because is Because.NEVER_ASKED


def tried(*moments: str, channel: str = "phone", refused: bool = False) -> Facts:
    made = tuple(Attempt(at=at(moment), channel=channel, refused=refused) for moment in moments)
    return replace(AGREED, attempts=made)


FOUR = ("2026-11-02T10:10", "2026-11-03T10:10", "2026-11-04T10:10", "2026-11-05T10:10")


def test_pro_4_four_attempts_in_thirty_days_are_all() -> None:
    assert call("2026-11-06T11:00:00", tried(*FOUR[1:])).allowed
    # The oldest of the four was on 2 November: thirty days with it end on 1 December.
    assert opens(call("2026-11-06T11:00:00", tried(*FOUR))) == "2026-12-02T10:00"
    assert call("2026-12-02T10:00:00", tried(*FOUR)).allowed
    five = tried(*FOUR, "2026-11-05T17:00")
    assert opens(call("2026-11-06T11:00:00", five)) == "2026-12-03T10:00"
    # A machine's calls ring the same phone; letters do not.
    machine = tried(*FOUR, channel="automated_call")
    assert call("2026-11-06T11:00:00", machine).because is Because.NOT_NOW
    assert call("2026-11-06T11:00:00", tried(*FOUR, channel="email")).allowed


def test_pro_4_sixty_days_of_peace_after_a_refusal_in_a_call() -> None:
    refused = tried("2026-11-05T10:10", refused=True)
    # The day of the refusal does not count: sixty days from the 6th end on Monday 4 January.
    assert opens(call("2026-11-06T11:00:00", refused)) == "2027-01-05T10:00"


def test_a_consent_that_ends_before_the_next_hour_leaves_nothing_to_wait_for() -> None:
    ending = replace(AGREED, rows=(yes(expires_at=at("2026-11-24T21:00:00")),))
    said = call("2026-11-24T20:30:00", ending)
    assert said.because is Because.NOT_NOW
    assert said.next_permitted_at is None


def test_an_organisation_tightens_hours_days_and_number_and_never_loosens_them() -> None:
    only = Bounds(
        days=frozenset({Weekday.TUESDAY, Weekday.SUNDAY}),
        hours=((9 * 60, 11 * 60),),
        attempts=1,
        within="P7D",
    )
    tight = replace(FRANCE, bounds={"phone": only})
    assert call("2026-11-24T10:30:00", setting=tight).allowed
    # Nine is hers and not the law's, Sunday likewise: what is left is from ten to eleven.
    assert opens(call("2026-11-24T09:30:00", setting=tight)) == "2026-11-24T10:00"
    assert opens(call("2026-11-24T11:30:00", setting=tight)) == "2026-12-01T10:00"
    once = tried("2026-11-24T10:10")
    assert opens(call("2026-11-24T10:30:00", once, setting=tight)) == "2026-12-01T10:00"


def test_an_organisation_limits_a_channel_the_law_leaves_free() -> None:
    letters = replace(FRANCE, bounds={"email": Bounds(attempts=2, within="P7D")})
    mail = replace(CALLS, channel="email")
    made = (Attempt(at=at("2026-11-23T08:00"), channel="email"),) * 2
    facts = replace(AGREED, attempts=made)
    said = ask(facts, mail, letters, now=at("2026-11-24T08:00"))
    assert opens(said) == "2026-11-30T00:00"
    service = replace(mail, kind="other")
    assert ask(facts, service, letters, now=at("2026-11-24T08:00")).allowed


def test_a_channel_closed_altogether_has_no_next_time() -> None:
    for bound in (
        Bounds(attempts=0, within="P1Y"),
        Bounds(days=frozenset({Weekday.SUNDAY})),
    ):
        closed = replace(FRANCE, bounds={"phone": bound})
        said = call("2026-11-24T11:00:00", setting=closed)
        assert said.because is Because.NOT_NOW
        assert said.next_permitted_at is None
