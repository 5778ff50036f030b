"""Country packs: which regime the law gives a question. Pure; dated data, cited line by line.

A pack answers for one cell of the prospecting table (standards.md §2.5): the channel,
and what the person is. What standards.md marks unverified is a setting, never a rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .values import Collection, Facts, Regime, Relationship

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Channels that reach a person without a human calling (CPCE L.34-5).
ELECTRONIC: Final = frozenset({"email", "sms", "mms", "fax", "automated_call"})
PHONE: Final = "phone"
POST: Final = "post"


@dataclass(frozen=True, kw_only=True)
class Pack:
    """One country's rules: a regime for each cell, and its figures."""

    country: str
    age_of_consent: int
    # The longest a consent to calls may hold, where the law says so.
    phone_limit: str | None
    choose: Callable[[str, Facts, int], Regime]


def soft_opt_in(collections: tuple[Collection, ...]) -> bool:
    """Tell whether the five conditions are all recorded; any missing is a no (PRO-2)."""
    return any(
        each.direct
        and each.in_sale
        and each.same_seller
        and each.similar
        and each.refusal_offered
        for each in collections
    )


def professional(facts: Facts) -> bool:
    """Tell whether the person deals as a professional; unknown is a consumer."""
    return facts.capacity == "professional"


def _customer(relationships: tuple[Relationship, ...], now: int) -> bool:
    return any(each.kind == "customer" and each.current(now) for each in relationships)


def _contract(relationships: tuple[Relationship, ...], now: int) -> bool:
    return any(each.contract and each.current(now) for each in relationships)


def _france(channel: str, facts: Facts, now: int) -> Regime:
    if channel in ELECTRONIC:
        # CPCE L.34-5 al. 1 and 4; professionals: information and opt-out (PRO-1).
        if professional(facts):
            return Regime.B2B_OPT_OUT
        if _customer(facts.relationships, now) and soft_opt_in(facts.collections):
            return Regime.SOFT_OPT_IN
        return Regime.CONSENT
    if channel == PHONE:
        # C. conso L.223-1 since 11 August 2026: prior consent, but for a contract in
        # progress; professionals keep the opt-out.
        if professional(facts):
            return Regime.B2B_OPT_OUT
        return Regime.CONTRACT if _contract(facts.relationships, now) else Regime.CONSENT
    # Post, and uses that reach nobody: information and opt-out.
    return Regime.OPT_OUT


def _europe(channel: str, facts: Facts, now: int) -> Regime:
    # Directive 2002/58 art. 13: opt-in for electronic channels, soft opt-in for customers;
    # what a State adds for professionals and calls is not assumed: the stricter.
    if channel in ELECTRONIC:
        if _customer(facts.relationships, now) and soft_opt_in(facts.collections):
            return Regime.SOFT_OPT_IN
        return Regime.CONSENT
    return Regime.CONSENT if channel == PHONE else Regime.OPT_OUT


FRANCE: Final = Pack(country="FR", age_of_consent=15, phone_limit="P1Y", choose=_france)
EUROPE: Final = Pack(country="EU", age_of_consent=16, phone_limit="P1Y", choose=_europe)
PACKS: Final[Mapping[str, Pack]] = {"FR": FRANCE}


def pack_for(country: str) -> Pack:
    """Give a country's pack; a country without one has the general, stricter pack."""
    return PACKS.get(country, EUROPE)
