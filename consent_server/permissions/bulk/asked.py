"""Who was asked about: a compressed, sorted set of numbers, in 256 parts.

It keeps the number of each one's brief (briefs/mark.py), or the first eight bytes of the keyed
hash of whoever has none, parted by the first byte, so that "was she asked about?" reads one
part of a few kilobytes, whatever the campaign's size. While a campaign runs, what does not
fit in memory waits sealed on disk.
"""

from __future__ import annotations

import zlib
from bisect import bisect_left
from typing import TYPE_CHECKING, Final, Protocol

from .columns import np
from .spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from ...keyring import OrganisationKeys
    from .asking import Asking
    from .columns import Ints
    from .rows import Lot

PARTS: Final = 256
HASH_BYTES: Final = 8
_HELD: Final = 1_000_000
_SHIFT: Final = 56


# Its number, and what it holds.
Part = tuple[int, bytes]


class About(Protocol):
    """Remembers who was asked about."""

    def put(self, several: Ints) -> None:
        """Remember numbers, each of eight bytes with a sign."""


def numbers_of(keys: OrganisationKeys, asking: Asking, lot: Lot) -> Ints:
    """Give the numbers by which those asked about are remembered."""
    if len(asking.several) or not len(asking.places):
        return asking.several
    # A visitor has no number but by her own keyed hash.
    texts = [lot.asked(place)[1] or "" for place in asking.places.tolist()]
    named = [keys.index(asking.kind, text)[:HASH_BYTES] for text in texts]
    return np.frombuffer(b"".join(named), ">i8").astype(np.int64)


class AskedSet:
    """Collects keyed hashes; gives them back part by part, sorted and without doubles."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._several: list[Ints] = []
        self._held = 0
        # Each full lot, sealed: the 256 parts one after the other.
        self._lots: list[Spool] = []

    def put(self, several: Ints) -> None:
        """Remember numbers, each of eight bytes with a sign."""
        self._several.append(several)
        self._held += len(several)
        if self._held >= _HELD:
            self._put_away()

    def parts(self) -> Iterator[Part]:
        """Give each part that is not empty, compressed as `holds` reads it."""
        waiting = [lot.read() for lot in self._lots]
        for number, part in enumerate(self._parts()):
            whole = part
            if waiting:
                several = [np.frombuffer(next(lot), np.uint64) for lot in waiting]
                whole = _each_once(np.concatenate([whole, *several]))
            if len(whole):
                yield number, _compressed(whole)

    def close(self) -> None:
        """Let go of what waits on disk."""
        for lot in self._lots:
            lot.close()

    def _parts(self) -> list[NDArray[np.uint64]]:
        """Part those held by their first byte, each once and in order, and forget them."""
        held = np.concatenate([np.empty(0, np.int64), *self._several]).view(np.uint64)
        self._several, self._held = [], 0
        firsts = np.arange(1, PARTS, dtype=np.uint64) << np.uint64(_SHIFT)
        whole = _each_once(held)
        return np.split(whole, np.searchsorted(whole, firsts))

    def _put_away(self) -> None:
        lot = Spool(self._data)
        self._lots.append(lot)
        for part in self._parts():
            lot.write(part.tobytes())


def _each_once(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    # Sorting is quicker than `unique`, which looks each one up in a table.
    ordered = np.sort(numbers)
    first = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def _compressed(numbers: NDArray[np.uint64]) -> bytes:
    # Byte planes of sorted numbers: the high bytes hardly change, and compress to nothing.
    raw = numbers.astype(">u8").view(np.uint8).reshape(-1, HASH_BYTES)
    # What is left is by chance: it does not get smaller by looking for more than runs.
    squeeze = zlib.compressobj(1, strategy=zlib.Z_RLE)
    return squeeze.compress(raw.T.tobytes()) + squeeze.flush()


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
