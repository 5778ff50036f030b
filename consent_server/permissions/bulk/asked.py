"""Who was asked about: a compressed, sorted set of numbers, in 256 parts.

It keeps the number of each one's brief (briefs/mark.py), or the first eight bytes of the keyed
hash of whoever has none, parted by the first byte, so that "was she asked about?" reads one
part of a few kilobytes, whatever the campaign's size. While a campaign runs, what does not
fit in memory waits sealed on disk.
"""

from __future__ import annotations

import sys
import zlib
from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, Final, Protocol

from .spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ...keyring import OrganisationKeys
    from .asking import Asking
    from .rows import Lot

PARTS: Final = 256
HASH_BYTES: Final = 8
_HELD: Final = 1_000_000
_SHIFT: Final = 56


class About(Protocol):
    """Remembers who was asked about."""

    def put(self, several: Sequence[int]) -> None:
        """Remember numbers, each of eight bytes with a sign, in their order."""


def numbers_of(keys: OrganisationKeys, asking: Asking, lot: Lot) -> Sequence[int]:
    """Give the numbers by which those asked about are remembered, in their order."""
    if asking.keys or not asking.places:
        return asking.several
    # A visitor has no number but by her own keyed hash.
    texts = [lot.asked(place)[1] or "" for place in asking.places]
    named = [keys.index(asking.kind, text)[:HASH_BYTES] for text in texts]
    return sorted({int.from_bytes(each, "big", signed=True) for each in named})


class AskedSet:
    """Collects keyed hashes; gives them back part by part, sorted and without doubles."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._parts = [array("Q") for _ in range(PARTS)]
        self._held = 0
        # Each full lot, sealed: the 256 parts one after the other.
        self._lots: list[Spool] = []

    def put(self, several: Sequence[int]) -> None:
        """Remember numbers, each of eight bytes with a sign, in their order."""
        whole = array("Q", array("q", several).tobytes())
        start = 0
        # As signed numbers the upper half of the parts comes first.
        for part in range(-PARTS // 2, PARTS // 2):
            end = bisect_left(several, (part + 1) << _SHIFT, start)
            if end > start:
                self._parts[part % PARTS].extend(whole[start:end])
            start = end
        self._held += len(several)
        if self._held >= _HELD:
            self._put_away()

    def parts(self) -> Iterator[tuple[int, bytes]]:
        """Give each part that is not empty, compressed as `holds` reads it."""
        waiting = [lot.read() for lot in self._lots]
        for number in range(PARTS):
            whole = self._parts[number]
            for lot in waiting:
                whole.frombytes(next(lot))
            if whole:
                # What came in order is sorted fast; each is kept once.
                yield number, _compressed(list(dict.fromkeys(sorted(whole))))

    def close(self) -> None:
        """Let go of what waits on disk."""
        for lot in self._lots:
            lot.close()

    def _put_away(self) -> None:
        lot = Spool(self._data)
        self._lots.append(lot)
        for number, part in enumerate(self._parts):
            lot.write(part.tobytes())
            self._parts[number] = array("Q")
        self._held = 0


def _compressed(numbers: list[int]) -> bytes:
    # Byte planes of sorted numbers: the high bytes hardly change, and compress to nothing.
    whole = array("Q", numbers)
    if sys.byteorder == "little":
        whole.byteswap()
    raw = whole.tobytes()
    planes = b"".join(raw[at::HASH_BYTES] for at in range(HASH_BYTES))
    # What is left is by chance: it does not get smaller by looking for more than runs.
    squeeze = zlib.compressobj(1, strategy=zlib.Z_RLE)
    return squeeze.compress(planes) + squeeze.flush()


def holds(part: bytes, wanted: bytes) -> bool:
    """Tell whether a compressed part holds a keyed hash."""
    planes = zlib.decompress(part)
    count = len(planes) // HASH_BYTES
    raw = bytearray(len(planes))
    for at in range(HASH_BYTES):
        raw[at::HASH_BYTES] = planes[at * count : (at + 1) * count]
    sought = wanted[:HASH_BYTES]
    places = range(count)
    at = bisect_left(
        places,
        sought,
        key=lambda place: bytes(raw[place * HASH_BYTES : (place + 1) * HASH_BYTES]),
    )
    return at < count and raw[at * HASH_BYTES : (at + 1) * HASH_BYTES] == sought
