"""The opt-out pack: messages until the person objects, where that is the law.

By e-mail and post alone. Calls and texts need a yes there too (47 U.S.C. 227 [U]), or a
register of numbers that this server does not hold: in doubt, the stricter.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from ...organisations.document import law
from ..values import Regime
from .pack import ALWAYS, Cell, Pack, Table, Way, Who

_MAIL: Final = Cell(regime=Regime.OPT_OUT, law="15 U.S.C. 7704 (CAN-SPAM)")
TABLE: Final[Table] = {
    (Way.ELECTRONIC, Who.CONSUMER): Cell(regime=Regime.CONSENT, law="47 U.S.C. 227 (TCPA)"),
    (Way.PHONE, Who.CONSUMER): Cell(regime=Regime.CONSENT, law="47 U.S.C. 227 (TCPA)"),
    (Way.POST, Who.CONSUMER): Cell(regime=Regime.OPT_OUT, law="no rule; the person may object"),
}


@cache
def opt_out(country: str) -> tuple[Pack, ...]:
    """Give the opt-out pack as a country has it."""
    return tuple(
        Pack(
            name=f"opt-out/{country}",
            since=ALWAYS,
            figures=figures,
            table=TABLE,
            email=_MAIL,
        )
        for figures in law.general(country)
    )
