"""Shares: how many connections each worker holds, for all of them to see.

Every worker waits at the same door, and whoever is quickest takes what comes: often one of
two takes all, and the other's core stands idle for as long as the connections are kept. So
a worker that holds more than another lets that one go first.
"""

from __future__ import annotations

from mmap import mmap
from struct import Struct
from time import sleep
from typing import Final

# Workers are numbered from one, and a new one for each that ends: more than live at once.
_PLACES: Final = 64
_COUNT: Final = Struct("=i")
_NOBODY: Final = -1
# Seconds: long enough for another to wake, and far below what anybody notices.
_AFTER_YOU: Final = 0.0003


class Shares:
    """Made once, before the workers are forked."""

    def __init__(self) -> None:
        self._shared = mmap(-1, _PLACES * _COUNT.size)
        for place in range(_PLACES):
            self.tell(place, _NOBODY)

    def tell(self, worker: int, count: int) -> None:
        """Tell how many connections a worker holds."""
        _COUNT.pack_into(self._shared, worker % _PLACES * _COUNT.size, count)

    def leave(self, worker: int) -> None:
        """Forget a worker that has ended."""
        self.tell(worker, _NOBODY)

    def wait(self, count: int) -> None:
        """Let the others go first, if one of them holds fewer."""
        others = (held for (held,) in _COUNT.iter_unpack(self._shared[:]))
        if any(_NOBODY < held < count for held in others):
            sleep(_AFTER_YOU)


shares: Final = Shares()
