"""The general European pack: opt-in by electronic channels, what States decide as data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from ...organisations.document import law
from ..values import Regime
from .pack import ALWAYS, Cell, Pack, Table, Way, Who

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class National:
    """What a State decides within Directive 2002/58 art. 13; unsaid is the stricter."""

    # Art. 13(2): customers, for similar products, with a refusal offered.
    soft_opt_in: bool = True
    # Art. 13(5): whether legal persons and professionals are protected like consumers.
    b2b_opt_out: bool = False
    # Art. 13(3): calls by a human until the person objects.
    calls_opt_out: bool = False


# No State's own text was read for this table [U], so each has the stricter answers. One that
# was read gets a line here, with the text that says so.
NATIONAL: Final[Mapping[str, National]] = {}


def table_of(national: National) -> Table:
    """Write the table that a State's decisions make."""
    table: Table = {
        (Way.ELECTRONIC, Who.CONSUMER): Cell(
            regime=Regime.CONSENT, law="2002/58/EC art. 13(1)"
        ),
        (Way.PHONE, Who.CONSUMER): Cell(regime=Regime.CONSENT, law="2002/58/EC art. 13(3)"),
        (Way.POST, Who.CONSUMER): Cell(regime=Regime.OPT_OUT, law="GDPR art. 6(1)(f), 21(2)"),
    }
    if national.soft_opt_in:
        soft = Cell(regime=Regime.SOFT_OPT_IN, law="2002/58/EC art. 13(2)")
        table[Way.ELECTRONIC, Who.CUSTOMER] = soft
    if national.b2b_opt_out:
        between = Cell(regime=Regime.B2B_OPT_OUT, law="2002/58/EC art. 13(5)")
        table[Way.ELECTRONIC, Who.PROFESSIONAL] = between
        table[Way.PHONE, Who.PROFESSIONAL] = between
    if national.calls_opt_out:
        calls = Cell(regime=Regime.OPT_OUT, law="2002/58/EC art. 13(3)")
        table[Way.PHONE, Who.CONSUMER] = calls
    return table


@cache
def general(country: str) -> tuple[Pack, ...]:
    """Give the general pack as a country has it."""
    return tuple(
        Pack(
            name=f"EU/{country}",
            since=ALWAYS,
            figures=figures,
            table=table_of(NATIONAL.get(country, National())),
        )
        for figures in law.general(country)
    )
