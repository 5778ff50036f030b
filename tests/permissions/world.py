"""Facts, purposes and settings for tests of the rules: say only what matters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from consent_server.clock import to_micros
from consent_server.decisions.rules import ASSERTED, EVIDENCED, WITNESSED, No, Row, Yes
from consent_server.notices.values import Purpose
from consent_server.organisations.document.law import Bounds
from consent_server.organisations.document.vocabulary import Weekday
from consent_server.permissions.rules import may_contact
from consent_server.permissions.values import (
    Asked,
    Attempt,
    Collection,
    Facts,
    Permission,
    Relationship,
    Retention,
    Setting,
)

# A Monday, eleven o'clock in Paris: calls are allowed.
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


def ask(
    facts: Facts, about: Purpose | None, setting: Setting = FRANCE, now: int = M_NOW, **but: Any
) -> Permission:
    """Ask one question of the rules."""
    return may_contact(facts, Asked(name="asked", purpose=about, **but), setting, now)


LI = purpose(basis="legitimate_interest", validity=None)
relationships = st.builds(
    Relationship,
    kind=st.sampled_from(["prospect", "customer", "partner"]),
    recorded_at=st.integers(ago(days=1500), M_NOW),
    contract=st.booleans(),
    third_party=st.booleans(),
    informed_at=st.none() | st.integers(ago(days=100), M_NOW),
)
yeses = st.builds(
    Yes,
    decision=st.integers(1, 99),
    given_at=st.integers(ago(days=1000), M_NOW),
    recorded_at=st.integers(ago(days=1000), M_NOW),
    assertion=st.sampled_from([ASSERTED, EVIDENCED, WITNESSED]),
    expires_at=st.none() | st.integers(ago(days=100), M_NOW * 2),
    notice=st.just(3),
    number=st.integers(1, 4),
)
rows = st.builds(
    Row,
    subject=st.just(1),
    identifier=st.sampled_from([1, 2]),
    yes=st.none() | yeses,
    no=st.none()
    | st.builds(
        No,
        decision=st.integers(100, 199),
        recorded_at=st.integers(ago(days=1000), M_NOW),
        state=st.sampled_from(["refused", "withdrawn", "objected"]),
    ),
)
attempts = st.builds(
    Attempt,
    at=st.integers(ago(days=90), M_NOW),
    channel=st.sampled_from(["phone", "email", "automated_call"]),
    refused=st.booleans(),
)
COUNTRIES = (None, "FR", "RE", "DE", "US", "EU")
people = st.builds(
    Facts,
    known=st.just(value=True),
    identifiers=st.just(frozenset({1})),
    shared=st.booleans(),
    rows=st.lists(rows, max_size=3).map(tuple),
    relationships=st.lists(relationships, max_size=2).map(tuple),
    collections=st.just(()) | st.just((FIVE,)),
    capacity=st.sampled_from([None, "consumer", "professional", "generic"]),
    country=st.sampled_from(COUNTRIES),
    birth_year=st.none() | st.integers(1950, 2020),
    attempts=st.lists(attempts, max_size=6).map(tuple),
)
purposes = st.builds(
    purpose,
    basis=st.sampled_from(["consent", "legitimate_interest", "contract"]),
    kind=st.sampled_from(["newsletter", "prospecting", "other"]),
    channel=st.sampled_from(["email", "sms", "automated_call", "phone", "post", "none"]),
    assertion=st.sampled_from([ASSERTED, EVIDENCED, WITNESSED]),
    declared=st.fixed_dictionaries(
        {
            "regimes": st.lists(st.sampled_from(["soft_opt_in", "b2b_opt_out", "contract"])),
            "sector": st.sampled_from([None, None, None, "energy_renovation"]),
        }
    ),
)
settings = st.builds(
    Setting,
    country=st.sampled_from(["FR", "DE"]),
    floors=st.integers(1, 4).map(lambda floor: {(3, 7): floor}),
    retention=st.just(FRANCE.retention),
)
bounds = st.builds(
    Bounds,
    days=st.frozensets(st.sampled_from(Weekday), min_size=1),
    hours=st.sampled_from([((0, 1440),), ((600, 720),), ((480, 600), (900, 1140))]),
    holidays=st.booleans(),
    attempts=st.none() | st.integers(0, 4),
    within=st.sampled_from(["P7D", "P30D", "P1Y"]),
    pause_after_refusal=st.sampled_from([None, "P60D", "P90D"]),
)
# From three days before until thirty after: whole weeks, holidays among them.
moments = st.integers(ago(days=3), ago(days=-40))
