"""What stands for each purpose, as a brief has it: a shape, and the person's own columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ....clock import rfc3339_micros
from ....decisions.rules import stands
from ....decisions.standing import PURPOSE, read_row
from ....ids import public
from .shape import MARK, NOTHING, purpose_name, shape_of, tail_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    Raw = Sequence[Any]

_IDENTIFIER, _YES, _GIVEN, _EXPIRES, _NO, _NO_AT, _STATE = 1, 3, 4, 6, 12, 13, 14
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

    def write(self, rows: Sequence[Raw], identifier: int, said: Hashable) -> str:
        """Write what stands of an identifier, with what else is known of its person."""
        base = self._bases.get(said)
        if base is None:
            stood = stands((), _NOBODYS, alone=False)
            base = self._bases[said] = shape_of(stood, said)
        if not rows:
            return base
        if len(rows) == 1:
            return base + self._alone(rows[0], identifier, said)
        purposes: dict[int, list[Raw]] = {}
        for raw in rows:
            purposes.setdefault(raw[PURPOSE], []).append(raw)
        parts = [
            self._alone(several[0], identifier, said)
            if len(several) == 1
            else _judged(several, identifier, said)
            for several in purposes.values()
        ]
        return base + "".join(sorted(parts))

    def _alone(self, raw: Raw, identifier: int, said: Hashable) -> str:
        yes, no = raw[_YES], raw[_NO]
        if yes is not None and no is not None:
            return _judged([raw], identifier, said)
        mine = raw[_IDENTIFIER] == identifier
        # Notice, number, assertion and whether that is enough; of a no its state.
        key: Hashable = (raw[PURPOSE], mine, raw[_STATE], raw[7:11], said)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = _halves(raw, identifier, said)
        head, half = known
        if half == "yes":
            expires = raw[_EXPIRES]
            until = rfc3339_micros(expires) if expires is not None else ""
            return f"{head}{public('dec', yes)},{rfc3339_micros(raw[_GIVEN])},{until}"
        if half == "no":
            return f"{head}{public('dec', no)},{rfc3339_micros(raw[_NO_AT])},"
        return head + NOTHING


def _halves(raw: Raw, identifier: int, said: Hashable) -> tuple[str, str]:
    stood = stands((read_row(raw),), frozenset((identifier,)), alone=False)
    head = MARK + purpose_name(raw[PURPOSE]) + shape_of(stood, said)
    if stood.no is not None:
        return head, "no"
    return head, "yes" if stood.yes is not None else ""


def _judged(rows: Sequence[Raw], identifier: int, said: Hashable) -> str:
    stood = stands(list(map(read_row, rows)), frozenset((identifier,)), alone=False)
    purpose = rows[0][PURPOSE]
    return f"{MARK}{purpose_name(purpose)}{shape_of(stood, said)}{tail_of(stood)}"
