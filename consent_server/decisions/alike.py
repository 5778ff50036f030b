"""Alike: what one decision leaves of somebody new who answers all its purposes the same. Pure.

Most do: they accept all, refuse all, or answer the one purpose of a form. Their bodies differ
in numbers alone, and always in the same places, so one of them is packed and the others are
filled in. Whoever answers otherwise, or has something standing, is packed by herself.
"""

from __future__ import annotations

from dataclasses import replace
from struct import Struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .packed import pack
from .rules import No, Row, Yes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Of a hold, what comes before its moments.
_HOLD: Final = "qBB"
_NO: Final = Struct(f">{_HOLD}qqB")
_SOON: Final = range(1 << 32)
# The places of ends, where there is one purpose.
_NEVER: Final[tuple[int, ...]] = (0,)
_FIRST: Final[tuple[int, ...]] = (1,)


class _Mould(NamedTuple):
    """A body up to where it is somebody's own, and what follows."""

    begin: bytes
    rest: Struct
    flags: int
    shown: tuple[int, ...]


class Alike:
    """Packs what stands of those who say yes to all of some purposes, or no to all of them."""

    def __init__(self, purposes: Sequence[int], yes: Yes) -> None:
        # In the order in which they are packed.
        self._order = sorted(range(len(purposes)), key=purposes.__getitem__)
        self._purposes = [purposes[place] for place in self._order]
        self._yes = replace(yes, decision=1, given_at=0, recorded_at=0, expires_at=None)
        self._moulds: dict[tuple[tuple[int, ...], bool], _Mould] = {}
        self._noes: dict[str, tuple[bytes, int]] = {}

    def yes(
        self,
        identifier: int,
        decision: int,
        given_at: int,
        recorded_at: int,
        expiries: Sequence[int | None],
    ) -> bytes:
        """Pack a yes to all of them; each ends in its place."""
        after = recorded_at - given_at
        ends: Iterable[int]
        if len(expiries) == 1:
            # As the one purpose of a form, of which most lists are made.
            (until,) = expiries
            places, ends = (_NEVER, ()) if until is None else (_FIRST, (until,))
        else:
            places, ends = self._places(expiries)
        key = (places, after in _SOON)
        mould = self._moulds.get(key)
        if mould is None:
            mould = self._moulds[key] = self._mould(*key)
        begin, rest, flags, shown = mould
        said = (flags, decision, given_at, after, *shown)
        return begin + rest.pack(identifier, 1, 0, *ends, *said)

    def _places(self, expiries: Sequence[int | None]) -> tuple[tuple[int, ...], dict[int, int]]:
        ends: dict[int, int] = {}
        places = []
        for place in self._order:
            until = expiries[place]
            places.append(0 if until is None else ends.setdefault(until, len(ends) + 1))
        return tuple(places), ends

    def no(self, identifier: int, decision: int, recorded_at: int, state: str) -> bytes:
        """Pack a no to all of them, named so."""
        found = self._noes.get(state)
        if found is None:
            no = No(decision=1, recorded_at=0, state=state)
            body = self._packed([{"no": no}] * len(self._purposes))
            found = self._noes[state] = body[: -_NO.size], body[-1]
        begin, letter = found
        return begin + _NO.pack(identifier, 0, 1, decision, recorded_at, letter)

    def _mould(self, places: tuple[int, ...], soon: bool) -> _Mould:  # noqa: FBT001 - half of a key
        yes = self._yes if soon else replace(self._yes, recorded_at=-1)
        body = self._packed(
            [{"yes": replace(yes, expires_at=place or None)} for place in places]
        )
        shown = "" if yes.notice is None else "2qH"
        rest = Struct(f">{_HOLD}{max(places)}qB2q{'I' if soon else 'q'}{shown}")
        own = rest.unpack(body[-rest.size :])
        first = 3 + max(places)
        return _Mould(body[: -rest.size], rest, own[first], own[first + 4 :])

    def _packed(self, answers: Sequence[dict[str, Any]]) -> bytes:
        return pack(
            (purpose, Row(subject=0, identifier=1, **answer))
            for purpose, answer in zip(self._purposes, answers, strict=True)
        )
