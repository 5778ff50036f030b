"""The packs, cell by cell: PRO-1 to PRO-9 of standards.md, and when each rule began."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING

import pytest
from babel.core import get_global

from consent_server.clock import to_micros
from consent_server.organisations.document import law
from consent_server.organisations.document.vocabulary import Channel
from consent_server.permissions.packs import pack_for
from consent_server.permissions.packs.general import National, table_of
from consent_server.permissions.packs.pack import Way, Who
from consent_server.permissions.packs.zones import holidays, zones_of
from consent_server.permissions.regime import choose_cell
from consent_server.permissions.values import YES, Because, Facts, Regime, Setting
from tests.permissions.world import (
    FIVE,
    FRANCE,
    LI,
    M_NOW,
    ago,
    ask,
    person,
    prospect,
    purpose,
    yes,
)

if TYPE_CHECKING:
    from consent_server.notices.values import Purpose

CONSUMER = person(relationships=(prospect(),), capacity="consumer")
UNKNOWN = person(relationships=(prospect(),))
CUSTOMER = person(relationships=(prospect(kind="customer"),), collections=(FIVE,))
BOUND = person(relationships=(prospect(kind="customer", contract=True),))
WORKER = person(relationships=(prospect(),), capacity="professional")
GENERIC = person(relationships=(prospect(),), capacity="generic")
PEOPLE = {
    "consumer": CONSUMER,
    "unknown": UNKNOWN,
    "customer": CUSTOMER,
    "with a contract": BOUND,
    "professional": WORKER,
    "generic address": GENERIC,
}
CONSENT, SOFT, B2B = Regime.CONSENT, Regime.SOFT_OPT_IN, Regime.B2B_OPT_OUT
OPT_OUT, CONTRACT = Regime.OPT_OUT, Regime.CONTRACT
ELECTRONIC = ("email", "sms", "mms", "fax", "automated_call")
# In the order of PEOPLE; standards.md §2.5.
FRENCH = {
    **dict.fromkeys(ELECTRONIC, (CONSENT, CONSENT, SOFT, CONSENT, B2B, OPT_OUT)),
    "phone": (CONSENT, CONSENT, CONSENT, CONTRACT, B2B, OPT_OUT),
    "post": (OPT_OUT,) * 6,
}
TABLE = [
    pytest.param(channel, facts, regime, id=f"{channel}, {who}")
    for channel, regimes in FRENCH.items()
    for (who, facts), regime in zip(PEOPLE.items(), regimes, strict=True)
]


def of(channel: str, basis: str = "legitimate_interest", **declared: object) -> Purpose:
    return purpose(basis=basis, channel=channel, validity=None, declared=declared)


@pytest.mark.parametrize(("channel", "facts", "regime"), TABLE)
def test_pro_1_the_french_table_cell_by_cell(
    channel: str, facts: Facts, regime: Regime
) -> None:
    said = ask(facts, of(channel))
    assert said.regime is regime
    # Nobody said anything: where the rule is consent that is a no, everywhere else a yes.
    assert said.allowed is (regime is not CONSENT)
    assert said.cell is not None
    assert said.cell.law


@pytest.mark.parametrize(("channel", "facts", "regime"), TABLE)
def test_pro_1_a_purpose_that_asks_for_consent_needs_it_in_every_cell(
    channel: str, facts: Facts, regime: Regime
) -> None:
    asked = of(channel, "consent")
    assert ask(facts, asked).because is Because.NEVER_ASKED
    agreed = replace(facts, rows=(yes(),))
    assert ask(agreed, asked).because is Because.CONSENT
    assert ask(agreed, asked).regime is CONSENT


def test_every_channel_that_reaches_people_stands_in_the_table() -> None:
    assert set(FRENCH) == set(Channel) - {"web", "none"}


@pytest.mark.parametrize("country", sorted(law.FRENCH))
def test_pro_1_french_rules_hold_overseas(country: str) -> None:
    called = ask(replace(WORKER, country=country), of("email"), replace(FRANCE, country="DE"))
    assert called.regime is B2B
    assert str(called.pack).startswith("FR/")


def test_pro_1_a_purpose_relies_only_on_the_rules_it_names() -> None:
    for facts in (CUSTOMER, WORKER, GENERIC):
        assert ask(facts, of("email", regimes=["soft_opt_in", "b2b_opt_out"])).allowed
    # Named for customers, it is no rule for professionals; the other way round likewise.
    assert ask(WORKER, of("email", regimes=["soft_opt_in"])).regime is CONSENT
    assert ask(CUSTOMER, of("email", regimes=["b2b_opt_out"])).regime is CONSENT
    # A professional who is a customer may be written to by either rule.
    both = replace(CUSTOMER, capacity="professional")
    assert ask(both, of("email", regimes=["soft_opt_in"])).regime is SOFT
    assert ask(BOUND, of("phone", regimes=["b2b_opt_out"])).because is not Because.CONTRACT


@pytest.mark.parametrize(
    "missing", ["direct", "in_sale", "same_seller", "similar", "refusal_offered"]
)
def test_pro_2_a_soft_opt_in_lacking_one_of_five_conditions_needs_consent(
    missing: str,
) -> None:
    four = replace(FIVE, **{missing: False})
    for collections in ((four,), (four, replace(FIVE, direct=False, in_sale=False))):
        facts = replace(CUSTOMER, collections=collections, capacity="consumer")
        assert ask(facts, LI).because is Because.NEVER_ASKED


def test_pro_2_a_soft_opt_in_is_for_customers_of_a_sale_that_was() -> None:
    assert ask(replace(CUSTOMER, relationships=(prospect(),)), LI).regime is CONSENT
    former = prospect(kind="customer", until=ago(days=1))
    assert ask(replace(CUSTOMER, relationships=(former,)), LI).regime is CONSENT
    to_come = replace(FIVE, at=ago(days=-1))
    assert ask(replace(CUSTOMER, collections=(to_come,)), LI).regime is CONSENT


def test_pro_3_consent_to_calls_holds_365_days_to_the_microsecond() -> None:
    calls = purpose(channel="phone", validity=None)
    given = to_micros(datetime(2027, 6, 1, 9, tzinfo=UTC))
    # The year after holds a 29 February: a calendar year would be a day longer.
    last = given + 365 * 86_400_000_000
    agreed = person(rows=(yes(given_at=given),))
    assert ask(agreed, calls, now=last - 1).because is Because.CONSENT
    assert ask(agreed, calls, now=last).because is Because.EXPIRED
    assert ask(agreed, calls, now=last - 1).expires_at == last
    # A call by a machine is a call; what an organisation wants shorter is shorter.
    machine = replace(calls, channel="automated_call")
    assert ask(agreed, machine, now=last).because is Because.EXPIRED
    short = replace(FRANCE, phone_limit="P6M")
    assert ask(agreed, calls, short, now=last - 1).because is Because.EXPIRED
    # E-mail has no such limit.
    assert ask(agreed, replace(calls, channel="email"), now=last).allowed


@pytest.mark.parametrize(
    ("day", "regime", "pack"),
    [
        ("2022-06-15T10:00:00+00:00", OPT_OUT, "FR"),
        ("2026-08-10T21:59:59+00:00", OPT_OUT, "FR/2023-03-01"),
        ("2026-08-10T22:00:00+00:00", CONSENT, "FR/2026-08-11"),
    ],
    ids=["before hours", "the last second of Bloctel in Paris", "prior consent since"],
)
def test_pro_3_calls_need_consent_since_11_august_2026_and_not_before(
    day: str, regime: Regime, pack: str
) -> None:
    now = to_micros(datetime.fromisoformat(day))
    known = person(
        relationships=(prospect(recorded_at=now - 1),), capacity="consumer", country="FR"
    )
    chosen = pack_for("FR", "FR", now)
    assert chosen.name == pack
    assert chosen.cells("phone", None, known, now)[0].regime is regime


@pytest.mark.parametrize("sector", ["energy_renovation", "home_accessibility"])
def test_pro_1_works_on_homes_are_not_sold_by_phone_even_to_who_agreed(sector: str) -> None:
    for basis, channel in product(
        ("consent", "legitimate_interest"), ("phone", "automated_call")
    ):
        agreed = replace(CONSUMER, rows=(yes(),))
        assert ask(agreed, of(channel, basis, sector=sector)).because is Because.REGIME_FORBIDS
        assert ask(WORKER, of("phone", sector=sector)).allowed
        assert ask(agreed, of("email", "consent", sector=sector)).allowed
    # But for a contract in progress.
    assert ask(BOUND, of("phone", sector=sector)).because is Because.CONTRACT
    agreed = replace(BOUND, rows=(yes(),))
    assert ask(agreed, of("phone", "consent", sector=sector)).because is Because.CONSENT


def test_the_general_pack_asks_for_consent_by_all_channels_but_post() -> None:
    berlin = replace(FRANCE, country="DE")
    for who, facts in PEOPLE.items():
        for channel in (*ELECTRONIC, "phone"):
            soft = who == "customer" and channel in ELECTRONIC
            assert ask(facts, of(channel), berlin).regime is (SOFT if soft else CONSENT)
        assert ask(facts, of("post"), berlin).regime is OPT_OUT


def test_national_switches_are_data() -> None:
    strict = table_of(National(soft_opt_in=False))
    assert (Way.ELECTRONIC, Who.CUSTOMER) not in strict
    assert strict[Way.ELECTRONIC, Who.CONSUMER].regime is CONSENT
    light = table_of(National(b2b_opt_out=True, calls_opt_out=True))
    assert light[Way.ELECTRONIC, Who.PROFESSIONAL].regime is B2B
    assert light[Way.PHONE, Who.CONSUMER].regime is OPT_OUT


@pytest.mark.parametrize("switch", ["soft_opt_in", "b2b_opt_out", "calls_opt_out"])
def test_a_stricter_national_switch_never_allows_more(switch: str) -> None:
    others = {"soft_opt_in", "b2b_opt_out", "calls_opt_out"} - {switch}
    home = pack_for("DE", "DE", M_NOW)
    for flags in product((False, True), repeat=2):
        rest = dict(zip(sorted(others), flags, strict=True))
        strict, light = (
            replace(home, table=table_of(National(**rest, **{switch: on})))
            for on in (False, True)
        )
        differ = False
        for (facts, channel), basis in product(
            product(PEOPLE.values(), (*ELECTRONIC, "phone", "post")),
            ("legitimate_interest", "consent"),
        ):
            asked = of(channel, basis)
            tight = choose_cell(asked, facts, strict, M_NOW).regime
            loose = choose_cell(asked, facts, light, M_NOW).regime
            differ = differ or tight is not loose
            # What asks for her yes is the stricter; the two opt-outs ask for the same.
            assert tight in {loose, CONSENT} or {tight, loose} == {OPT_OUT, B2B}
        assert differ


@pytest.mark.parametrize(
    ("country", "age"), [("FR", 15), ("DE", 16), ("ES", 14), ("BE", 13), ("CZ", 15), ("CH", 16)]
)
def test_gdpr_4_the_age_of_consent_is_that_of_the_country(country: str, age: int) -> None:
    young = person(rows=(yes(),), country=country, birth_year=2026 - age)
    assert ask(young, purpose()).because is Because.MINOR
    assert ask(replace(young, birth_year=2025 - age), purpose()).because is Because.CONSENT
    older = replace(FRANCE, age_of_consent=18)
    assert ask(replace(young, birth_year=2025 - age), purpose(), older).because is Because.MINOR


def test_the_opt_out_pack_is_for_those_at_home_where_that_is_the_law() -> None:
    boston = Setting(country="US")
    assert ask(CONSUMER, of("email"), boston).regime is OPT_OUT
    assert ask(CONSUMER, of("post"), boston).regime is OPT_OUT
    for channel in ("sms", "automated_call", "phone"):
        assert ask(CONSUMER, of(channel), boston).regime is CONSENT
    # Never looser than the rest: known from somewhere, told, and no no.
    assert ask(person(), of("email"), boston).because is Because.INFORMATION_MISSING
    # From France an American is written to by European rules; a Frenchwoman always.
    assert ask(replace(CONSUMER, country="US"), of("email")).regime is CONSENT
    assert ask(replace(CONSUMER, country="FR"), of("email"), boston).regime is CONSENT


def test_several_countries_of_one_person_make_the_stricter_rules_count() -> None:
    torn = replace(WORKER, country="EU")
    assert ask(torn, of("email")).regime is CONSENT
    night = to_micros(datetime(2026, 11, 23, 22, tzinfo=UTC))
    agreed = replace(torn, capacity=None, rows=(yes(),))
    assert ask(agreed, of("phone", "consent"), now=night).because is Because.NOT_NOW


def test_pix_5_open_and_click_tracking_are_asked_apart_from_the_letter() -> None:
    def tracking(number: int, slug: str) -> Purpose:
        return purpose(id=number, slug=slug, kind="other")

    letter = purpose(id=7, slug="newsletter", kind="newsletter")
    agreed = person(rows=(yes(),))
    assert ask(agreed, letter).allowed
    # PIX-1 and PIX-4: each rests on a yes of its own, also of a professional.
    for number, slug in ((8, "email_open_tracking"), (9, "email_click_tracking")):
        for known in (CONSUMER, WORKER, CUSTOMER):
            assert ask(known, tracking(number, slug)).because is Because.NEVER_ASKED


def test_pro_7_and_pro_8_a_yes_to_one_purpose_is_none_to_a_partner_s() -> None:
    third = prospect(kind="partner", third_party=True)
    told = replace(WORKER, relationships=(third,))
    assert ask(told, LI).because is Because.INFORMATION_MISSING
    informed = replace(third, informed_at=ago(days=1))
    assert ask(replace(told, relationships=(informed,)), LI).because in YES


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2024, "01-01 04-01 05-01 05-08 05-09 05-20 07-14 08-15 11-01 11-11 12-25"),
        (2026, "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25"),
        (2038, "01-01 04-26 05-01 05-08 06-03 06-14 07-14 08-15 11-01 11-11 12-25"),
    ],
)
def test_the_eleven_french_holidays(year: int, days: str) -> None:
    assert holidays(year) == {date.fromisoformat(f"{year}-{day}") for day in days.split()}


def test_figures_of_the_law_are_dated_and_in_order() -> None:
    for country in ("FR", "DE", "US"):
        since = [each.since for each in law.figures_of(country)]
        assert since == sorted(since)
        assert since[0] == date.min
    old = M_NOW - timedelta(days=90_000) // timedelta(microseconds=1)
    assert pack_for("FR", "FR", old).name == "FR"


def test_the_zones_written_down_are_those_of_the_library() -> None:
    for country in law.FRENCH:
        known = {
            name for name, place in get_global("zone_territories").items() if place == country
        }
        assert {zone.key for zone in zones_of(country)} == known
