"""What time and new words end is told once, by the worker, and no lookup waits for it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from consent_server.clock import parse_rfc3339, rfc3339, to_micros
from consent_server.db import Sql, read, write
from consent_server.decisions import lapse
from consent_server.decisions.ends import ENDING
from consent_server.decisions.lapse import tell_lapses
from consent_server.decisions.rules import No, Row, Yes, ends, stands
from consent_server.fsck import check_all
from consent_server.outbox.cli import renewals_command
from tests.support.house import declare

if TYPE_CHECKING:
    from datetime import datetime

    from tests.support.house import House

ADA = {"email": "ada@people.example", "external_id": "C-7"}
BEN = {"email": "ben@people.example"}
PURPOSE = "newsletter"


def work(house: House) -> int:
    """Do what the worker does every two seconds; gives how many events it told."""
    told = tell_lapses(house.organisation, to_micros(house.clock()))
    house.integrate()
    return told


def events(house: House, *kinds: str) -> list[dict[str, Any]]:
    page = house.get("/v1/events?limit=1000").get_json()["events"]
    return [each for each in page if each["type"].removeprefix("consent.") in kinds]


def end_of(house: House, subject: dict[str, Any] = ADA) -> datetime:
    one = {"email": subject["email"]}
    return parse_rfc3339(house.ask(one)["expires_at"])


def go_to(house: House, moment: datetime) -> None:
    house.clock.advance(seconds=(moment - house.clock()).total_seconds())


def publish_material(house: House) -> None:
    made = house.post("/v1/notices/contact-form/versions", {"ask_again": [PURPOSE]})
    assert made.status_code == 201, made.get_data(as_text=True)


def test_an_expired_yes_is_told_once_and_the_lookup_did_not_wait_for_it(house: House) -> None:
    yes = house.tell(ADA).get_json()
    work(house)
    end = end_of(house)
    go_to(house, end)
    # Nobody has told anybody yet.
    assert house.why({"external_id": "C-7"}) == "expired"
    assert work(house) == 1
    (event,) = events(house, "expired")
    assert event | {"seq": 0, "id": "", "recorded_at": ""} == {
        "seq": 0,
        "id": "",
        "recorded_at": "",
        "type": "consent.expired",
        "subject": yes["subject"],
        "external_ids": ["C-7"],
        "purpose": PURPOSE,
        "channel": "email",
        "standing": "expired",
        "because": "expired",
        "decision": yes["id"],
        "expires_at": rfc3339(end),
    }
    for _ in range(3):
        house.clock.advance(minutes=7)
        assert work(house) == 0
    assert list(check_all()) == []


def test_an_organisation_says_how_long_before_an_end_it_is_told(house: House) -> None:
    declare(house, renewal_notice="P60D")
    house.tell(ADA)
    go_to(house, end_of(house) - timedelta(days=61))
    assert work(house) == 0
    house.clock.advance(days=1)
    assert work(house) == 1
    assert len(events(house, "expiring")) == 1
    # The list shows what was told, unless one asks for another period.
    assert len(house.get("/v1/renewals").get_json()["renewals"]) == 1
    assert house.get("/v1/renewals?within=P30D").get_json()["renewals"] == []
    # A shorter notice tells nobody again.
    declare(house, renewal_notice="P10D")
    go_to(house, end_of(house) - timedelta(days=9))
    assert work(house) == 0


def test_a_moment_before_its_end_nothing_has_expired(house: House) -> None:
    house.tell(ADA)
    go_to(house, end_of(house) - timedelta(microseconds=1))
    work(house)
    assert events(house, "expired") == []
    house.clock.advance(microseconds=1)
    work(house)
    assert len(events(house, "expired")) == 1


def test_a_yes_that_a_no_ended_is_not_told_again(house: House) -> None:
    house.tell(ADA)
    end = end_of(house)
    house.clock.advance(days=1)
    house.tell(ADA, choices={PURPOSE: "withdrawn"})
    go_to(house, end + timedelta(days=1))
    assert work(house) == 0
    assert events(house, "expired", "expiring") == []


def test_a_renewed_yes_ends_at_its_own_time(house: House) -> None:
    house.tell(ADA)
    first = end_of(house)
    house.clock.advance(days=100)
    again = house.tell(ADA).get_json()
    go_to(house, first)
    assert work(house) == 0
    go_to(house, end_of(house))
    work(house)
    assert [each["decision"] for each in events(house, "expired")] == [again["id"]]


def test_a_yes_that_was_over_when_it_came_is_told_by_itself_alone(house: House) -> None:
    work(house)
    long_ago = house.clock() - timedelta(days=365 * 4)
    house.tell(ADA, decided_at=rfc3339(long_ago), assertion="evidenced", evidence="form 12")
    work(house)
    told = [each["type"] for each in events(house, "expired", "granted")]
    assert told == ["consent.expired"]


def test_one_yes_through_two_identifiers_is_one_event(house: House) -> None:
    house.tell({**ADA, "phone": "+33199001234"})
    go_to(house, end_of(house))
    assert work(house) == 1


def test_one_decision_on_several_purposes_is_one_event_for_each(house: House) -> None:
    body = house.choice("accept_all")
    house.choose(body)
    purposes = set(body["choices"])
    asked = {"subject": {"visitor": body["visitor"]}, "purpose": "analytics"}
    end = house.post("/v1/permissions", asked).get_json()["expires_at"]
    go_to(house, parse_rfc3339(end))
    work(house)
    assert {each["purpose"] for each in events(house, "expired")} == purposes
    assert len(events(house, "expired")) == len(purposes)
    # A visitor is asked again by the banner: nobody is told beforehand.
    assert events(house, "expiring") == []


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_batches_of_any_size_tell_everybody_once(
    house: House, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(lapse, "BATCH", batch)
    for number in range(5):
        house.tell({"email": f"p{number}@people.example"})
    ended = house.clock()
    go_to(house, end_of(house, {"email": "p0@people.example"}))
    assert work(house) == 5
    assert len({each["subject"] for each in events(house, "expired")}) == 5
    assert ended < house.clock()


def test_what_comes_late_is_told_although_one_has_looked_beyond(house: House) -> None:
    """A decision that was being written while the worker looked past its end."""
    house.tell(BEN)
    ahead = end_of(house, BEN) + timedelta(minutes=5)
    with write(house.organisation) as tx:
        row = {"organisation": house.organisation, "reached": to_micros(ahead)}
        for what in ("expired", "expiring"):
            tx.run(lapse._REACH, {**row, "what": what, "number": 0})
    go_to(house, ahead)
    assert work(house) == 1
    assert len(events(house, "expired")) == 1


def test_a_month_before_its_end_a_consent_is_told_to_end(house: House) -> None:
    house.tell(ADA)
    work(house)
    end = end_of(house)
    go_to(house, end - timedelta(days=30, seconds=1))
    assert work(house) == 0
    go_to(house, end - timedelta(days=30))
    assert work(house) == 1
    (event,) = events(house, "expiring")
    assert (event["standing"], event["because"]) == ("granted", "consent")
    assert event["expires_at"] == rfc3339(end)
    assert house.why({"external_id": "C-7"}) == "consent"


def test_new_words_end_the_yeses_they_touch_and_say_so_once(house: House) -> None:
    yes = house.tell(ADA).get_json()
    house.tell(BEN)
    house.clock.advance(days=1)
    house.tell(BEN, choices={PURPOSE: "withdrawn"})
    work(house)
    house.clock.advance(days=1)
    publish_material(house)
    assert house.why({"external_id": "C-7"}) == "superseded"
    assert work(house) == 1
    (event,) = events(house, "superseded")
    assert (event["decision"], event["standing"]) == (yes["id"], "superseded")
    assert work(house) == 0
    # It does not expire a second time.
    house.clock.advance(days=365 * 4)
    assert work(house) == 0


def test_new_words_twice_end_each_yes_once(house: House) -> None:
    house.tell(ADA)
    house.clock.advance(days=1)
    publish_material(house)
    work(house)
    notices = house.get("/v1/notices").get_json()["notices"]
    form = next(each for each in notices if each["slug"] == "contact-form")["version"]
    house.clock.advance(days=1)
    house.tell(BEN, notice_version=form)
    house.clock.advance(days=1)
    publish_material(house)
    assert work(house) == 1
    assert len({each["subject"] for each in events(house, "superseded")}) == 2


def test_a_yes_under_old_words_is_told_by_itself_alone(house: House) -> None:
    house.clock.advance(days=1)
    publish_material(house)
    work(house)
    house.tell(ADA)
    assert work(house) == 0
    assert len(events(house, "superseded")) == 1


# ------------------------------------------------------------------------------- renewals


def test_what_ends_soon_is_listed_the_first_to_end_first(house: House) -> None:
    first = house.tell(ADA).get_json()
    house.clock.advance(days=3)
    second = house.tell(BEN).get_json()
    go_to(house, end_of(house) - timedelta(days=20))
    page = house.get("/v1/renewals").get_json()
    assert [each["decision"] for each in page["renewals"]] == [first["id"], second["id"]]
    assert page["renewals"][0]["external_ids"] == ["C-7"]
    assert page["next"] is None
    soon = house.get("/v1/renewals?within=P21D").get_json()["renewals"]
    assert [each["decision"] for each in soon] == [first["id"]]


def test_the_list_has_pages_that_fit_together(house: House) -> None:
    for number in range(5):
        house.tell({"email": f"p{number}@people.example"})
    go_to(house, end_of(house, {"email": "p0@people.example"}) - timedelta(days=2))
    whole = house.get("/v1/renewals").get_json()["renewals"]
    assert len(whole) == 5
    parts: list[Any] = []
    after: str | None = ""
    while after is not None:
        more = f"&after={after}" if after else ""
        page = house.get(f"/v1/renewals?limit=2{more}").get_json()
        parts += page["renewals"]
        after = page["next"]
    assert parts == whole


def test_what_a_no_or_new_words_ended_is_not_to_be_renewed(house: House) -> None:
    house.tell(ADA)
    house.tell(BEN)
    house.clock.advance(days=1)
    house.tell(BEN, choices={PURPOSE: "withdrawn"})
    go_to(house, end_of(house) - timedelta(days=2))
    assert len(house.get("/v1/renewals").get_json()["renewals"]) == 1
    publish_material(house)
    assert house.get("/v1/renewals").get_json()["renewals"] == []


@pytest.mark.parametrize("query", ["within=soon", "after=x", f"after={'A' * 44}", "limit=0"])
def test_a_bad_question_names_its_field(house: House, query: str) -> None:
    answer = house.get(f"/v1/renewals?{query}")
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/" + query.partition("=")[0]


def test_the_command_line_lists_them_too(house: House) -> None:
    house.tell(ADA)
    go_to(house, end_of(house) - timedelta(days=2))
    told = CliRunner().invoke(renewals_command, [])
    assert told.exit_code == 0, told.output
    assert "C-7" in told.output
    assert CliRunner().invoke(renewals_command, ["--json"]).output.startswith('[{"subject"')


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_looking_for_what_ends_reads_no_whole_organisation(house: House) -> None:
    values = {
        "organisation": house.organisation, "after": 1, "subject": 0, "until": 5, "most": 9,
    }  # fmt: skip
    with read(house.organisation) as tx:
        plan = tx.run(Sql(f"EXPLAIN QUERY PLAN {ENDING.sqlite}"), values)
    steps = [row[3] for row in plan]
    for walked in ("standing USING INDEX standing_ends", "e USING PRIMARY KEY"):
        assert any(walked in step and "ends_at<?" in step for step in steps), steps
    # But what was found is put in order.
    assert not any(re.match("SCAN (?!first|others)", step) for step in steps), steps


# ------------------------------------------------------------------------------- the rule

MOMENTS = st.integers(1, 50)


@given(given_at=MOMENTS, lasts=MOMENTS, no=st.none() | MOMENTS, floor=st.integers(0, 3))
def test_an_end_is_news_exactly_if_the_yes_stood_until_then(
    given_at: int, lasts: int, no: int | None, floor: int
) -> None:
    yes = Yes(
        decision=1, given_at=given_at, recorded_at=given_at, assertion="witnessed",
        expires_at=given_at + lasts, notice=1, number=2,
    )  # fmt: skip
    told = No(decision=2, recorded_at=no, state="withdrawn") if no is not None else None
    stood = stands(
        [Row(subject=1, identifier=1, yes=yes, no=told)], frozenset({1}), alone=False
    )
    news = ends(stood, 1, floor=floor, until=given_at + lasts - 1)
    assert news == ((no is None or no < given_at) and floor <= 2)
    assert not ends(stood, 9, floor=0, until=given_at)
