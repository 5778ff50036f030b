"""Tiles that were served once are served again from memory: no tile ever changes.

Only those of the main log: a sandbox's log may be wiped. What holds of one process: the
name under which a log stands changes only while no server runs (resume.py).
"""

from __future__ import annotations

import gzip
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from .tiles import TilePath

# A bundle of entries takes some 30 kB, a tile of hashes 8.
MOST: Final = 128


@dataclass
class Served:
    """A tile as it is answered."""

    body: bytes
    # False where its address once belonged to a log that went on under another name.
    for_ever: bool

    @cached_property
    def compressed(self) -> bytes:
        """The same, for whoever reads gzip."""
        return gzip.compress(self.body, 6, mtime=0)


class TileCache:
    """The tiles that were asked for last."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[TilePath, Served] = OrderedDict()
        self._lock = Lock()

    def get(self, tile: TilePath, fetch: Callable[[], Served]) -> Served:
        """Give a tile, fetched only if it is not kept."""
        with self._lock:
            found = self._kept.get(tile)
            if found is not None:
                self._kept.move_to_end(tile)
                return found
        found = fetch()
        with self._lock:
            self._kept[tile] = found
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found
