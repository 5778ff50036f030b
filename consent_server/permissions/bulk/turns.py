"""Turns: of all lists together, no more is answered at one time than there are processors.

Whoever answers a portion holds one of a file's bytes; the kernel gives it back when a process
dies, however it does. So two lists do not press on a database twice as much as one.
"""

from __future__ import annotations

import fcntl
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Turns:
    """Some turns, for this process and all that it forks."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process lives

    @contextmanager
    def taken(self, wish: int) -> Iterator[int]:
        """Hold a turn; waits for the one that is wished for when none is free."""
        wish %= self.count
        for turn in (*range(wish, self.count), *range(wish)):
            if self._take(turn, fcntl.LOCK_EX | fcntl.LOCK_NB):
                break
        else:
            turn = wish
            self._take(turn, fcntl.LOCK_EX)
        try:
            yield turn
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, turn)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _take(self, turn: int, how: int) -> bool:
        try:
            fcntl.lockf(self._file, how, 1, turn)
        except BlockingIOError:
            return False
        return True
