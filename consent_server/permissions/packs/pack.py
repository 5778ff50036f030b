"""A pack: one country's table of rules in force from a day on, and how a cell is found."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ...organisations.document.vocabulary import CALLS, ELECTRONIC, Channel
from ..values import Regime

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ...organisations.document.law import Figures
    from ..values import Collection, Facts, Relationship


class Way(StrEnum):
    """How a message arrives, as far as the law tells channels apart."""

    ELECTRONIC = "electronic"
    PHONE = "phone"
    POST = "post"


class Who(StrEnum):
    """Who it reaches, as far as the law tells people apart; unknown is a consumer."""

    CONSUMER = "consumer"
    # An existing customer with the five conditions of PRO-2.
    CUSTOMER = "customer"
    # Somebody whose contract is in progress.
    CONTRACT = "contract"
    PROFESSIONAL = "professional"
    # An address that is nobody's own, such as contact@.
    GENERIC = "generic"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell of the table: the rule, and the line of the law that says so."""

    regime: Regime
    law: str


# Since before anything was recorded.
ALWAYS: Final = -(1 << 62)
Table = dict[tuple[Way, Who], Cell]
FORBIDDEN: Final = frozenset({Regime.FORBIDDEN})


@dataclass(frozen=True, kw_only=True, eq=False)
class Pack:
    """One country's rules from a moment on (microseconds), and its figures."""

    name: str
    since: int
    figures: Figures
    table: Mapping[tuple[Way, Who], Cell]
    # Where e-mail stands apart from the other electronic channels.
    email: Cell | None = None
    # What may not be offered by phone, but within a contract in progress.
    banned: Mapping[str, Cell] = field(default_factory=dict)

    def consent(self, channel: str) -> Cell | None:
        """Give the consumer's cell, if that is consent: what whoever asks for a yes needs."""
        cell = self.table.get((way_of(channel), Who.CONSUMER))
        return cell if cell is not None and cell.regime is Regime.CONSENT else None

    def cells(self, channel: str, sector: str | None, facts: Facts, now: int) -> list[Cell]:
        """Give the cells that fit, the lightest first; the last is the consumer's."""
        way = way_of(channel)
        fitting = list(dict.fromkeys(who_is(way, facts, now)))
        ban = self.banned.get(sector or "") if channel in CALLS else None
        if ban is not None and not _outside(fitting):
            # A yes does not help here, only the contract it belongs to.
            within = self.table.get((way, Who.CONTRACT))
            return [within, ban] if within and _contract(facts.relationships, now) else [ban]
        found = [self.table.get((way, who)) for who in fitting]
        if self.email is not None and channel == Channel.EMAIL:
            found.insert(0, self.email)
        return [cell for cell in found if cell is not None]


def _outside(fitting: list[Who]) -> bool:
    # Consumer law protects consumers.
    return bool({Who.PROFESSIONAL, Who.GENERIC}.intersection(fitting))


def way_of(channel: str) -> Way:
    """Tell which column of the law a channel stands in; one that reaches nobody is post."""
    if channel in ELECTRONIC:
        return Way.ELECTRONIC
    return Way.PHONE if channel == Channel.PHONE else Way.POST


def who_is(way: Way, facts: Facts, now: int) -> Iterator[Who]:
    """Tell who the person may be taken for; a consumer always, whatever else."""
    if facts.capacity == "generic":
        yield Who.GENERIC
    if facts.capacity == "professional":
        yield Who.PROFESSIONAL
    if way is Way.PHONE and _contract(facts.relationships, now):
        yield Who.CONTRACT
    five = any(five_conditions(each, now) for each in facts.collections)
    if way is Way.ELECTRONIC and five and _customer(facts.relationships, now):
        yield Who.CUSTOMER
    yield Who.CONSUMER


def five_conditions(collection: Collection, now: int) -> bool:
    """Tell whether the five are all recorded of one sale; any missing is a no (PRO-2)."""
    return (
        collection.direct
        and collection.in_sale
        and collection.same_seller
        and collection.similar
        and collection.refusal_offered
        and (collection.at is None or collection.at <= now)
    )


def protected(facts: Facts) -> bool:
    """Tell whether consumer law protects the person; unknown is a consumer."""
    return facts.capacity not in {"professional", "generic"}


def _customer(relationships: tuple[Relationship, ...], now: int) -> bool:
    return any(each.kind == "customer" and each.current(now) for each in relationships)


def _contract(relationships: tuple[Relationship, ...], now: int) -> bool:
    return any(each.contract and each.current(now) for each in relationships)
