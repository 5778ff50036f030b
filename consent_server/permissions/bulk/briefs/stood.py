"""What stands for each purpose, as a brief has it: a shape, and the person's own columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ....clock import rfc3339_micros
from ....decisions.rules import stands
from ....ids import public
from .shape import MARK, NOTHING, purpose_name, shape_of, tail_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from ....decisions.rules import Row

_NOBODYS: Final = frozenset({0})


class Stood:
    """Writes standing; remembers what the rules said of what they cannot tell apart.

    Where one row alone stands for a purpose, with a yes or a no but not both, the rules have
    nothing to weigh: its times and its numbers are the person's own columns, and nothing else.
    """

    def __init__(self) -> None:
        # By what is told of a row: what comes before its tail, and which half has the tail.
        self._known: dict[Hashable, tuple[str, str]] = {}
        self._bases: dict[Hashable, str] = {}

    def write(self, rows: Sequence[tuple[int, Row]], identifier: int, said: Hashable) -> str:
        """Write what stands of an identifier, with what else is known of its person."""
        base = self._bases.get(said)
        if base is None:
            stood = stands((), _NOBODYS, alone=False)
            base = self._bases[said] = shape_of(stood, said)
        if not rows:
            return base
        if len(rows) == 1:
            return base + self._alone(*rows[0], identifier, said)
        purposes: dict[int, list[Row]] = {}
        for purpose, row in rows:
            purposes.setdefault(purpose, []).append(row)
        parts = [
            self._alone(purpose, several[0], identifier, said)
            if len(several) == 1
            else _judged(purpose, several, identifier, said)
            for purpose, several in purposes.items()
        ]
        return base + "".join(sorted(parts))

    def _alone(self, purpose: int, row: Row, identifier: int, said: Hashable) -> str:
        yes, no = row.yes, row.no
        if yes is not None and no is not None:
            return _judged(purpose, [row], identifier, said)
        mine = row.identifier == identifier
        shown = None if yes is None else (yes.notice, yes.number, yes.assertion, yes.enough)
        key: Hashable = (purpose, mine, no and no.state, shown, said)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = _halves(purpose, row, identifier, said)
        head, half = known
        if half == "yes" and yes is not None:
            until = rfc3339_micros(yes.expires_at) if yes.expires_at is not None else ""
            return f"{head}{public('dec', yes.decision)},{rfc3339_micros(yes.given_at)},{until}"
        if half == "no" and no is not None:
            return f"{head}{public('dec', no.decision)},{rfc3339_micros(no.recorded_at)},"
        return head + NOTHING


def _halves(purpose: int, row: Row, identifier: int, said: Hashable) -> tuple[str, str]:
    stood = stands((row,), frozenset((identifier,)), alone=False)
    head = MARK + purpose_name(purpose) + shape_of(stood, said)
    if stood.no is not None:
        return head, "no"
    return head, "yes" if stood.yes is not None else ""


def _judged(purpose: int, rows: Sequence[Row], identifier: int, said: Hashable) -> str:
    stood = stands(rows, frozenset((identifier,)), alone=False)
    return f"{MARK}{purpose_name(purpose)}{shape_of(stood, said)}{tail_of(stood)}"
