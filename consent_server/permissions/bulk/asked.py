"""Who was asked about: a compressed, sorted set of keyed hashes, in 256 parts.

It keeps the first eight bytes of each keyed hash, parted by the first of them, so that
"was she asked about?" reads one part of a few kilobytes, whatever the campaign's size.
While a campaign runs, what does not fit in memory waits sealed on disk.
"""

from __future__ import annotations

import sys
import zlib
from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from .spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

PARTS: Final = 256
HASH_BYTES: Final = 8
_HELD: Final = 1_000_000
_FAST: Final = 6


class AskedSet:
    """Collects keyed hashes; gives them back part by part, sorted and without doubles."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._parts = [array("Q") for _ in range(PARTS)]
        self._held = 0
        # Each full lot, sealed: the 256 parts one after the other.
        self._lots: list[Spool] = []

    def add(self, hashes: Iterable[bytes]) -> None:
        """Remember those asked about."""
        # Sorted as bytes, they are sorted by the byte that parts them, too.
        raw = sorted([each[:HASH_BYTES] for each in hashes])
        numbers = array("Q", b"".join(raw))
        if sys.byteorder == "little":
            numbers.byteswap()
        start = 0
        while start < len(raw):
            part = raw[start][0]
            end = bisect_left(raw, bytes((part + 1,)), start) if part < PARTS - 1 else len(raw)
            self._parts[part].extend(numbers[start:end])
            start = end
        self._held += len(raw)
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
                yield number, _compressed(sorted(set(whole)))

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
    raw = b"".join(each.to_bytes(HASH_BYTES, "big") for each in numbers)
    planes = b"".join(raw[at::HASH_BYTES] for at in range(HASH_BYTES))
    return zlib.compress(planes, _FAST)


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
