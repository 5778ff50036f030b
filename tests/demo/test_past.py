"""The past is the same for the same seed, lies in its span, and names nobody who exists."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import phonenumbers
import pytest

from consent_server.demo.past import past
from consent_server.demo.people import invent
from consent_server.demo.setting import SETTINGS, Span
from consent_server.demo.steps import Way
from tests.support.clock import NOON

if TYPE_CHECKING:
    from consent_server.demo.setting import Setting

SPAN = Span(NOON)


def test_the_same_seed_tells_the_same_past() -> None:
    assert past(SPAN, seed="one", people=50) == past(SPAN, seed="one", people=50)


def test_another_seed_tells_another_past() -> None:
    assert past(SPAN, seed="one", people=50) != past(SPAN, seed="two", people=50)


def test_every_step_lies_in_the_span_and_they_come_in_order() -> None:
    moments = [step.at for step in past(SPAN, seed="any", people=300)]
    assert moments == sorted(moments)
    assert SPAN.begins <= moments[0]
    assert moments[-1] < SPAN.ends


def test_it_begins_with_the_organisations_more_than_a_year_ago() -> None:
    first, second, *others = past(SPAN, seed="any", people=20)
    assert {first.way, second.way} == {Way.ORGANISATION}
    assert (NOON - first.at).days > 365
    assert others


def test_no_two_steps_bear_the_same_name() -> None:
    names = Counter(step.name for step in past(SPAN, seed="any", people=300))
    assert set(names.values()) == {1}


def test_a_banner_decision_says_that_it_is_of_a_demonstration() -> None:
    steps = [step for step in past(SPAN, seed="any", people=50) if step.way is Way.BANNER]
    assert {step.body["surface"] for step in steps} == {"demo"}


def test_a_decision_that_changes_an_earlier_one_names_it() -> None:
    steps = [step for step in past(SPAN, seed="any", people=300) if step.way is Way.BANNER]
    last: dict[str, str] = {}
    for step in steps:
        assert step.body.get("previous") == last.get(step.body["visitor"])
        last[step.body["visitor"]] = step.body["id"]
    assert len(last) < len(steps)


def test_a_past_without_people_is_that_of_the_organisations() -> None:
    assert {step.way for step in past(SPAN, seed="any", people=0)} == {Way.ORGANISATION}


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.slug)
def test_each_invented_person_has_an_address_and_a_number_of_their_own(
    setting: Setting,
) -> None:
    people = [invent(setting, number) for number in range(5000)]
    assert len({person.email for person in people}) == len(people)
    assert len({person.phone for person in people}) == len(people)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.slug)
def test_no_address_and_no_number_can_belong_to_anybody(setting: Setting) -> None:
    for number in range(0, 5000, 7):
        person = invent(setting, number)
        assert person.email.endswith(".example")
        # The French regulator's ranges for films and books.
        assert re.match(r"\+33 (1 99 00|2 61 91|3 53 01|4 65 71|5 36 49) ", person.phone)
        assert phonenumbers.is_valid_number(phonenumbers.parse(person.phone))
