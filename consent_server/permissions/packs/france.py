"""The French pack: standards.md §2.5, cell by cell.

P: the text itself was read; 2: somebody who quotes it; U: not read.
"""

from __future__ import annotations

from typing import Final

from ...organisations.document import law
from ..values import Regime
from .pack import Cell, Pack, Table, Way, Who
from .zones import midnight_in

# CPCE art. L.34-5 [P]: e-mail, SMS, MMS, fax, automated calls.
_ELECTRONIC: Final[Table] = {
    (Way.ELECTRONIC, Who.CONSUMER): Cell(regime=Regime.CONSENT, law="CPCE art. L.34-5, al. 1"),
    # The five conditions; of the same legal person, for similar products or services.
    (Way.ELECTRONIC, Who.CUSTOMER): Cell(
        regime=Regime.SOFT_OPT_IN, law="CPCE art. L.34-5, al. 4"
    ),
    # Information and opt-out, for what relates to the profession: CNIL's reading [2].
    (Way.ELECTRONIC, Who.PROFESSIONAL): Cell(
        regime=Regime.B2B_OPT_OUT, law="CPCE art. L.34-5 (CNIL, B2B)"
    ),
    # No personal data; a suppression counts all the same.
    (Way.ELECTRONIC, Who.GENERIC): Cell(
        regime=Regime.OPT_OUT, law="CPCE art. L.34-5 (CNIL, contact@)"
    ),
}
# Information and opt-out at collection, whoever it is (GDPR art. 21(2)).
_POST: Final[Table] = {
    (Way.POST, Who.CONSUMER): Cell(regime=Regime.OPT_OUT, law="GDPR art. 6(1)(f), 21(2)"),
}
# C. conso L.223-1 concerns consumers; sole traders: U.
_B2B_CALLS: Final[Table] = {
    (Way.PHONE, Who.PROFESSIONAL): Cell(
        regime=Regime.B2B_OPT_OUT, law="C. conso art. L.223-1 (consumers only)"
    ),
    (Way.PHONE, Who.GENERIC): Cell(
        regime=Regime.OPT_OUT, law="C. conso art. L.223-1 (consumers only)"
    ),
}
# Before 11 August 2026: calls until the person objected, by the list Bloctel or to the trader.
_CALLS_UNTIL_2026: Final[Table] = {
    **_B2B_CALLS,
    (Way.PHONE, Who.CONTRACT): Cell(
        regime=Regime.CONTRACT, law="C. conso art. L.223-1 (before 11 Aug 2026)"
    ),
    (Way.PHONE, Who.CONSUMER): Cell(
        regime=Regime.OPT_OUT, law="C. conso art. L.223-1 (before 11 Aug 2026, Bloctel)"
    ),
}
# Since: prior consent [P], but within a contract in progress and related to it.
_CALLS_SINCE_2026: Final[Table] = {
    **_B2B_CALLS,
    (Way.PHONE, Who.CONTRACT): Cell(
        regime=Regime.CONTRACT, law="C. conso art. L.223-1, contract in progress"
    ),
    (Way.PHONE, Who.CONSUMER): Cell(regime=Regime.CONSENT, law="C. conso art. L.223-1"),
}
# Works on energy and accessibility are not sold by phone. When the second ban began was not
# read [U]: both hold for all days answered, the stricter way.
_BANNED: Final = dict.fromkeys(
    ("energy_renovation", "home_accessibility"),
    Cell(regime=Regime.FORBIDDEN, law="C. conso art. L.223-1, energy and accessibility works"),
)
_FIRST, _HOURS, _OPT_IN = law.FRANCE


def _pack(figures: law.Figures, calls: Table) -> Pack:
    return Pack(
        name=f"FR/{figures.since:%Y-%m-%d}" if figures is not _FIRST else "FR",
        since=midnight_in("FR", figures.since),
        figures=figures,
        table={**_ELECTRONIC, **_POST, **calls},
        banned=_BANNED,
    )


PACKS: Final = (
    _pack(_FIRST, _CALLS_UNTIL_2026),
    _pack(_HOURS, _CALLS_UNTIL_2026),
    _pack(_OPT_IN, _CALLS_SINCE_2026),
)
