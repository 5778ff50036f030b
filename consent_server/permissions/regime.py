"""Which rule applies: the basis says one, the pack another; the stricter counts. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .packs import Cell
from .values import Regime

if TYPE_CHECKING:
    from ..notices.values import Purpose
    from .packs import Pack
    from .values import Facts

MARKETING: Final = frozenset({"newsletter", "prospecting"})
_BY_BASIS: Final = {
    "exempt": Cell(regime=Regime.EXEMPT, law="2002/58/EC art. 5(3)"),
    "legal_obligation": Cell(regime=Regime.OBLIGATION, law="GDPR art. 6(1)(c)"),
    "contract": Cell(regime=Regime.CONTRACT, law="GDPR art. 6(1)(b)"),
}
_CONSENT: Final = Cell(regime=Regime.CONSENT, law="GDPR art. 6(1)(a)")
_INTEREST: Final = Cell(regime=Regime.OPT_OUT, law="GDPR art. 6(1)(f), 21")
# Reading or writing on a device never rests on legitimate interest (loi I&L art. 82; EDPB
# taskforce, type H).
_DEVICE: Final = Cell(regime=Regime.FORBIDDEN, law="2002/58/EC art. 5(3)")
# An organisation's purpose names the rules it relies on; no other is applied for it.
_UNNAMED: Final = Cell(regime=Regime.CONSENT, law="GDPR art. 6(1)(a), no other rule named")
# What is lighter still than what was named.
_ALSO: Final = {Regime.OPT_OUT: Regime.B2B_OPT_OUT}


def choose_cell(purpose: Purpose, facts: Facts, pack: Pack, now: int) -> Cell:
    """Choose the rule for a question: the stricter of what basis and pack say."""
    fixed = _BY_BASIS.get(purpose.basis)
    if fixed is not None:
        return fixed
    interest = purpose.basis == "legitimate_interest"
    if purpose.basis != "consent" and (not interest or purpose.kind == "tracker"):
        return _DEVICE
    if purpose.kind not in MARKETING:
        # Only marketing is under the prospecting table; other uses follow their basis.
        return _INTEREST if interest else _CONSENT
    sector = purpose.declared.get("sector")
    consent = pack.consent(purpose.channel) or _CONSENT
    if not interest and sector is None:
        return consent
    cells = pack.cells(purpose.channel, sector, facts, now)
    if cells[0].regime is Regime.FORBIDDEN:
        return cells[0]
    return _named(purpose, cells) if interest else consent


def _named(purpose: Purpose, cells: list[Cell]) -> Cell:
    named = frozenset(purpose.declared.get("regimes") or ())
    for cell in cells:
        if not named or {cell.regime, _ALSO.get(cell.regime)} & named:
            return cell
    return cells[-1] if cells[-1].regime is Regime.CONSENT else _UNNAMED
