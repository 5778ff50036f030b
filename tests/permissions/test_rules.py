"""May we? Every reason, the French table, and what must hold whatever the facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.clock import to_micros
from consent_server.decisions.rules import ASSERTED, EVIDENCED, WITNESSED, No, Row, Yes
from consent_server.notices.values import Purpose
from consent_server.permissions.rules import may_contact
from consent_server.permissions.values import (
    YES,
    Asked,
    Because,
    Collection,
    Facts,
    Regime,
    Relationship,
    Retention,
    Setting,
    Suppressed,
)

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
M_NOW = to_micros(NOW)
FRANCE = Setting(
    country="FR",
    retention={"prospect": Retention(period="P3Y", counts_from="last_contact")},
)
FIVE = Collection(
    direct=True, in_sale=True, same_seller=True, similar=True, refusal_offered=True
)


def ago(**by: float) -> int:
    return to_micros(NOW - timedelta(**by))


def purpose(**but: Any) -> Purpose:
    plain: dict[str, Any] = {
        "id": 7,
        "slug": "prospecting.email",
        "kind": "prospecting",
        "basis": "consent",
        "channel": "email",
        "family": "prospecting",
        "validity": "P3Y",
        "proof_period": None,
        "assertion": "evidenced",
    }
    return Purpose(**{**plain, **but})


def person(**but: Any) -> Facts:
    """Make someone known by one identifier, of whom nothing else is known."""
    return Facts(**{"known": True, "identifiers": frozenset({1}), **but})


def yes(**but: Any) -> Row:
    given_at = but.pop("given_at", ago(days=10))
    plain = {
        "decision": 5,
        "given_at": given_at,
        "recorded_at": given_at,
        "assertion": WITNESSED,
        "notice": 3,
        "number": 2,
    }
    return Row(subject=1, identifier=but.pop("identifier", 1), yes=Yes(**{**plain, **but}))


def no(state: str) -> Row:
    return Row(subject=1, identifier=1, no=No(decision=6, recorded_at=ago(days=1), state=state))


def prospect(**but: Any) -> Relationship:
    return Relationship(**{"kind": "prospect", "recorded_at": ago(days=30), **but})


def why(facts: Facts, about: Purpose | None, setting: Setting = FRANCE) -> Because:
    answer = may_contact(facts, Asked(name="asked", purpose=about), setting, M_NOW)
    assert answer.allowed is (answer.because in YES)
    return answer.because


LI = purpose(basis="legitimate_interest", validity=None)
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


CUSTOMER = person(relationships=(prospect(kind="customer"),), collections=(FIVE,))
WORKER = person(relationships=(prospect(),), capacity="professional")
CONSUMER = person(relationships=(prospect(),), capacity="consumer")
TABLE = [
    ("email", CONSUMER, Regime.CONSENT),
    ("email", CUSTOMER, Regime.SOFT_OPT_IN),
    ("email", WORKER, Regime.B2B_OPT_OUT),
    ("sms", CONSUMER, Regime.CONSENT),
    ("sms", CUSTOMER, Regime.SOFT_OPT_IN),
    ("sms", WORKER, Regime.B2B_OPT_OUT),
    ("phone", CONSUMER, Regime.CONSENT),
    (
        "phone",
        person(relationships=(prospect(kind="customer", contract=True),)),
        Regime.CONTRACT,
    ),
    ("phone", WORKER, Regime.B2B_OPT_OUT),
    ("post", CONSUMER, Regime.OPT_OUT),
    ("post", CUSTOMER, Regime.OPT_OUT),
    ("post", WORKER, Regime.OPT_OUT),
]


@pytest.mark.parametrize(("channel", "facts", "regime"), TABLE)
def test_pro_1_the_french_table_cell_by_cell(
    channel: str, facts: Facts, regime: Regime
) -> None:
    about = purpose(basis="legitimate_interest", channel=channel)
    answer = may_contact(facts, Asked(name="x", purpose=about), FRANCE, M_NOW)
    assert answer.regime is regime


@pytest.mark.parametrize(
    "missing", ["direct", "in_sale", "same_seller", "similar", "refusal_offered"]
)
def test_pro_2_a_soft_opt_in_lacking_one_of_five_conditions_needs_consent(
    missing: str,
) -> None:
    four = replace(FIVE, **{missing: False})
    facts = replace(CUSTOMER, collections=(four,), capacity="consumer")
    assert why(facts, LI) is Because.NEVER_ASKED


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


relationships = st.builds(
    Relationship,
    kind=st.sampled_from(["prospect", "customer", "partner"]),
    recorded_at=st.integers(ago(days=1500), M_NOW),
    contract=st.booleans(),
    third_party=st.booleans(),
    informed_at=st.none() | st.integers(ago(days=100), M_NOW),
)
rows = st.builds(
    Row,
    subject=st.just(1),
    identifier=st.sampled_from([1, 2]),
    yes=st.none()
    | st.builds(
        Yes,
        decision=st.integers(1, 99),
        given_at=st.integers(ago(days=1000), M_NOW),
        recorded_at=st.integers(ago(days=1000), M_NOW),
        assertion=st.sampled_from([ASSERTED, EVIDENCED, WITNESSED]),
        expires_at=st.none() | st.integers(ago(days=100), M_NOW * 2),
        notice=st.just(3),
        number=st.integers(1, 4),
    ),
    no=st.none()
    | st.builds(
        No,
        decision=st.integers(100, 199),
        recorded_at=st.integers(ago(days=1000), M_NOW),
        state=st.sampled_from(["refused", "withdrawn", "objected"]),
    ),
)
people = st.builds(
    Facts,
    known=st.just(value=True),
    identifiers=st.just(frozenset({1})),
    shared=st.booleans(),
    rows=st.lists(rows, max_size=3).map(tuple),
    relationships=st.lists(relationships, max_size=2).map(tuple),
    collections=st.just(()) | st.just((FIVE,)),
    capacity=st.sampled_from([None, "consumer", "professional"]),
    birth_year=st.none() | st.integers(1950, 2020),
)
purposes = st.builds(
    purpose,
    basis=st.sampled_from(["consent", "legitimate_interest", "contract"]),
    kind=st.sampled_from(["newsletter", "prospecting", "other"]),
    channel=st.sampled_from(["email", "phone", "post", "none"]),
    assertion=st.sampled_from([ASSERTED, EVIDENCED, WITNESSED]),
)
settings = st.builds(
    Setting,
    country=st.sampled_from(["FR", "DE"]),
    floors=st.integers(1, 4).map(lambda floor: {(3, 7): floor}),
    retention=st.just(FRANCE.retention),
)


def allowed(facts: Facts, about: Purpose, setting: Setting) -> bool:
    return may_contact(facts, Asked(name="x", purpose=about), setting, M_NOW).allowed


@given(people, purposes, settings)
def test_adding_a_no_never_turns_an_answer_into_yes(
    facts: Facts, about: Purpose, setting: Setting
) -> None:
    late = No(decision=999, recorded_at=M_NOW, state="withdrawn")
    stopped = replace(facts, rows=(*facts.rows, Row(subject=1, identifier=2, no=late)))
    assert not allowed(stopped, about, setting)


@given(people, purposes, settings)
def test_a_stricter_setting_never_allows_more(
    facts: Facts, about: Purpose, setting: Setting
) -> None:
    stricter = [
        (about, replace(setting, floors={(3, 7): 4})),
        (replace(about, assertion=WITNESSED), setting),
        (about, replace(setting, phone_limit="P1M")),
        (about, replace(setting, age_of_consent=18)),
    ]
    if not allowed(facts, about, setting):
        for tightened, narrower in stricter:
            assert not allowed(facts, tightened, narrower)


@given(people, purposes, settings)
def test_nothing_is_allowed_by_consent_without_a_yes_through_the_identifier_asked(
    facts: Facts, about: Purpose, setting: Setting
) -> None:
    elsewhere = replace(facts, rows=tuple(replace(row, identifier=2) for row in facts.rows))
    answer = may_contact(elsewhere, Asked(name="x", purpose=about), setting, M_NOW)
    assert answer.because is not Because.CONSENT
