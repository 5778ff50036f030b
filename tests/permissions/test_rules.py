"""May we? Every reason, the French table, and what must hold whatever the facts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.decisions.rules import ASSERTED, WITNESSED, No, Row, Yes
from consent_server.permissions.values import (
    YES,
    Because,
    Cap,
    Facts,
    Pause,
    Setting,
    Suppressed,
)
from consent_server.subjects.rules import covers
from tests.permissions.world import (
    FIVE,
    FRANCE,
    LI,
    M_NOW,
    ago,
    ask,
    bounds,
    moments,
    no,
    people,
    person,
    prospect,
    purpose,
    purposes,
    settings,
    yes,
    yeses,
)

if TYPE_CHECKING:
    from random import Random

    from consent_server.notices.values import Purpose
    from consent_server.organisations.document.law import Bounds


def why(facts: Facts, about: Purpose | None, setting: Setting = FRANCE) -> Because:
    answer = ask(facts, about, setting)
    assert answer.allowed is (answer.because in YES)
    return answer.because


EVERY_REASON = [
    (person(rows=(yes(),)), purpose(), Because.CONSENT),
    (
        person(
            relationships=(prospect(kind="customer"),),
            collections=(FIVE,),
        ),
        LI,
        Because.SOFT_OPT_IN,
    ),
    (
        person(relationships=(prospect(),), capacity="professional"),
        LI,
        Because.LEGITIMATE_INTEREST,
    ),
    (
        person(relationships=(prospect(kind="customer", contract=True),)),
        purpose(basis="contract", kind="other"),
        Because.CONTRACT,
    ),
    (person(), purpose(basis="legal_obligation", kind="other"), Because.LEGAL_OBLIGATION),
    (person(), purpose(basis="exempt", kind="tracker", channel="web"), Because.EXEMPT),
    (Facts(), purpose(), Because.NEVER_ASKED),
    (person(), purpose(), Because.NEVER_ASKED),
    (person(rows=(Row(subject=1, identifier=1),)), purpose(), Because.UNCONFIRMED),
    (person(rows=(no("refused"),)), purpose(), Because.REFUSED),
    (person(rows=(no("withdrawn"),)), purpose(), Because.WITHDRAWN),
    (person(rows=(no("objected"),)), LI, Because.OBJECTED),
    (person(rows=(yes(expires_at=M_NOW),)), purpose(), Because.EXPIRED),
    (person(rows=(yes(number=1),)), purpose(), Because.SUPERSEDED),
    (
        person(rows=(yes(),), suppressions=(Suppressed(scope="marketing", reason="bounced"),)),
        purpose(),
        Because.SUPPRESSED,
    ),
    (person(rows=(yes(),), restricted=True), purpose(), Because.RESTRICTED),
    (person(rows=(yes(),), deceased=True), purpose(), Because.DECEASED),
    (person(rows=(yes(),), birth_year=2012), purpose(), Because.MINOR),
    (
        person(rows=(yes(),), relationships=(prospect(recorded_at=ago(days=1200)),)),
        purpose(),
        Because.PAST_RETENTION,
    ),
    (
        Facts(suppressions=(Suppressed(scope="marketing", reason="erased"),)),
        purpose(),
        Because.ERASED,
    ),
    (person(rows=(yes(assertion=ASSERTED),)), purpose(), Because.UNPROVEN),
    (person(), replace(LI, kind="other"), Because.INFORMATION_MISSING),
    (
        person(relationships=(prospect(),)),
        purpose(basis="legitimate_interest", kind="tracker", channel="web"),
        Because.REGIME_FORBIDS,
    ),
    (person(rows=(yes(),)), None, Because.UNKNOWN_PURPOSE),
]


@pytest.mark.parametrize(
    ("facts", "about", "because"), EVERY_REASON, ids=lambda value: getattr(value, "value", None)
)
def test_every_answer_has_its_reason(
    facts: Facts, about: Purpose | None, because: Because
) -> None:
    floors = {(3, 7): 2}
    assert why(facts, about, replace(FRANCE, floors=floors)) is because


def test_every_reason_of_the_closed_list_is_reached_or_belongs_to_a_later_door() -> None:
    reached = {because for _, _, because in EVERY_REASON}
    # Call hours and unreadable lines have no single question; a database in trouble is
    # answered by the door.
    assert set(Because) - reached == {
        Because.NOT_NOW,
        Because.UNREADABLE,
        Because.UNAVAILABLE,
    }


def test_pro_3_consent_to_calls_holds_one_year_whatever_the_purpose_says() -> None:
    calls = purpose(channel="phone", validity="P3Y")
    young = person(rows=(yes(given_at=ago(days=364), expires_at=M_NOW * 2),))
    old = person(rows=(yes(given_at=ago(days=366), expires_at=M_NOW * 2),))
    assert why(young, calls) is Because.CONSENT
    assert why(old, calls) is Because.EXPIRED


def test_pro_6_last_contact_by_the_person_keeps_the_data_longer() -> None:
    old = prospect(recorded_at=ago(days=1200))
    facts = person(rows=(yes(),), relationships=(old,))
    assert why(facts, purpose()) is Because.PAST_RETENTION
    assert why(replace(facts, last_contact=ago(days=100)), purpose()) is Because.CONSENT


def test_a_third_party_s_word_needs_the_date_the_person_was_told() -> None:
    told = prospect(third_party=True, informed_at=ago(days=3))
    silent = prospect(third_party=True)
    assert why(person(relationships=(told,), capacity="professional"), LI) in YES
    facts = person(relationships=(silent,), capacity="professional")
    assert why(facts, LI) is Because.INFORMATION_MISSING
    # Whoever will be told has not been told.
    soon = prospect(third_party=True, informed_at=ago(days=-3))
    facts = person(relationships=(soon,), capacity="professional")
    assert why(facts, LI) is Because.INFORMATION_MISSING


def test_a_shared_phone_asked_alone_is_a_no_if_anyone_who_shares_it_said_no() -> None:
    shared = person(
        shared=True,
        rows=(yes(), Row(subject=2, identifier=9, no=no("refused").no)),
    )
    assert why(replace(shared, rows=(yes(),)), purpose()) is Because.CONSENT
    assert why(shared, purpose()) is not Because.CONSENT


def test_a_shared_phone_asked_alone_rests_on_nobody_s_interest_without_a_yes_through_it() -> (
    None
):
    post = replace(LI, channel="post")
    known = person(shared=True, relationships=(prospect(),), capacity="consumer")
    assert why(replace(known, shared=False), post) is Because.LEGITIMATE_INTEREST
    assert why(known, post) is Because.NEVER_ASKED
    agreed = replace(known, rows=(yes(),))
    assert why(agreed, post) is Because.LEGITIMATE_INTEREST
    # A yes of one, given after the no of another, is still only hers.
    other = Row(
        subject=2, identifier=9, no=No(decision=4, recorded_at=ago(days=40), state="objected")
    )
    assert why(replace(agreed, rows=(yes(), other)), post) is Because.REFUSED


def allowed(facts: Facts, about: Purpose, setting: Setting, now: int = M_NOW) -> bool:
    return ask(facts, about, setting, now).allowed


@given(people, purposes, settings, moments)
def test_adding_a_no_never_turns_an_answer_into_yes(
    facts: Facts, about: Purpose, setting: Setting, now: int
) -> None:
    # After everything else that was said, whenever the question is asked.
    late = No(decision=999, recorded_at=max(now, M_NOW), state="withdrawn")
    stopped = replace(facts, rows=(*facts.rows, Row(subject=1, identifier=2, no=late)))
    assert not allowed(stopped, about, setting, now)


@given(people, purposes, settings, yeses, st.integers(ago(days=999), M_NOW))
def test_a_yes_given_before_a_no_was_recorded_never_undoes_it_unless_it_names_it(
    facts: Facts, about: Purpose, setting: Setting, said: Yes, recorded_at: int
) -> None:
    no = No(decision=999, recorded_at=recorded_at, state="withdrawn")
    older = replace(said, given_at=min(said.given_at, recorded_at))
    told = replace(
        facts,
        shared=False,
        rows=(Row(subject=1, identifier=1, yes=older), Row(subject=1, identifier=2, no=no)),
    )
    assert not allowed(told, about, setting)
    # One that names it, seen by us or shown by a document, opens what it opens without it.
    named = replace(older, names=frozenset({999}), assertion=WITNESSED)
    alone = replace(told, rows=(Row(subject=1, identifier=1, yes=named),))
    with_both = replace(told, rows=(*alone.rows, told.rows[1]))
    assert ask(with_both, about, setting) == ask(alone, about, setting)


@given(people, purposes, settings, st.randoms())
def test_the_order_in_which_answers_arrived_is_no_matter(
    facts: Facts, about: Purpose, setting: Setting, chance: Random
) -> None:
    shuffled = list(facts.rows)
    chance.shuffle(shuffled)
    told = replace(facts, rows=tuple(shuffled), attempts=facts.attempts[::-1])
    assert allowed(told, about, setting) == allowed(facts, about, setting)


@given(people, purposes, settings, moments, bounds)
def test_a_stricter_setting_never_allows_more(
    facts: Facts, about: Purpose, setting: Setting, now: int, bound: Bounds
) -> None:
    stricter = [
        (about, replace(setting, floors={(3, 7): 4})),
        (replace(about, assertion=WITNESSED), setting),
        (about, replace(setting, phone_limit="P1M")),
        (about, replace(setting, phone_limit="P9Y")),
        (about, replace(setting, age_of_consent=18)),
        (about, replace(setting, age_of_consent=13)),
        (about, replace(setting, bounds={about.channel: bound})),
    ]
    if not allowed(facts, about, setting, now):
        for tightened, narrower in stricter:
            assert not allowed(facts, tightened, narrower, now)


@given(people, purposes, settings, moments)
def test_doubt_is_no_what_is_not_known_never_allows_more(
    facts: Facts, about: Purpose, setting: Setting, now: int
) -> None:
    # Her own yes may open by consent what an interest with a gap in its facts does not.
    facts = replace(facts, rows=tuple(replace(row, yes=None) for row in facts.rows))
    consumer = replace(facts, capacity="consumer")
    if not allowed(consumer, about, setting, now):
        assert not allowed(replace(facts, capacity=None), about, setting, now)
    if not allowed(facts, about, setting, now):
        assert not allowed(replace(facts, collections=()), about, setting, now)
    at_home = replace(facts, country=None)
    if not allowed(at_home, about, setting, now):
        assert not allowed(replace(facts, country="EU"), about, setting, now)


@given(people, purposes, settings, moments, st.none() | bounds, st.floats(0, 1))
def test_pro_4_not_now_says_when_and_then_it_is_a_yes_and_not_before(
    facts: Facts,
    about: Purpose,
    setting: Setting,
    now: int,
    bound: Bounds | None,
    between: float,
) -> None:
    limits = {about.channel: bound} if bound else {}
    setting = replace(setting, bounds=limits)
    said = ask(facts, about, setting, now)
    if said.because is not Because.NOT_NOW or said.next_permitted_at is None:
        assert said.next_permitted_at is None
        return
    then = said.next_permitted_at
    assert then > now
    assert allowed(facts, about, setting, then)
    before = now + int((then - 1 - now) * between)
    assert not allowed(facts, about, setting, before)


pauses = st.builds(Pause, scope=st.sampled_from(["marketing", "purpose:7"]), until=moments)
caps = st.builds(
    Cap,
    scope=st.sampled_from(["marketing", "purpose:7"]),
    most=st.integers(1, 3),
    within=st.sampled_from(["P1D", "P1W", "P1M", "P3M"]),
)


@given(
    people,
    purposes,
    settings,
    moments,
    st.lists(pauses, max_size=2),
    st.lists(caps, max_size=2),
)
def test_what_the_person_chose_of_when_and_how_often_never_allows_more(
    facts: Facts,
    about: Purpose,
    setting: Setting,
    now: int,
    breaks: list[Pause],
    limits: list[Cap],
) -> None:
    chosen = replace(facts, pauses=tuple(breaks), caps=tuple(limits))
    said = ask(chosen, about, setting, now)
    if said.allowed:
        assert allowed(facts, about, setting, now)
    if said.because is Because.NOT_NOW and said.next_permitted_at is not None:
        assert said.next_permitted_at > now
        assert allowed(chosen, about, setting, said.next_permitted_at)
    if any(each.until > now and covers(each.scope, about) for each in breaks):
        assert not said.allowed


@given(people, purposes, settings)
def test_nothing_is_allowed_by_consent_without_a_yes_through_the_identifier_asked(
    facts: Facts, about: Purpose, setting: Setting
) -> None:
    elsewhere = replace(facts, rows=tuple(replace(row, identifier=2) for row in facts.rows))
    assert ask(elsewhere, about, setting).because is not Because.CONSENT
