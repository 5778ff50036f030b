"""The line in which the writers of one SQLite file stand: threads, and processes.

SQLite's own wait sleeps longer each time it fails, a tenth of a second in the end, and
loses to whoever comes at the right moment: the unlucky waited a second. A lock that the
kernel hands on wakes the next writer at once, and is taken back when a process dies.
"""

from __future__ import annotations

import fcntl
import os
import weakref
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

_ALIVE: Final[weakref.WeakSet[Line]] = weakref.WeakSet()


class Line:
    """One place at the head, which one connection of one process holds at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files: list[int] = []
        weakref.finalize(self, _close, self._files)
        self.begin_again()
        _ALIVE.add(self)

    def begin_again(self) -> None:
        """Stand nowhere, in a process just forked: the file it inherited is its parent's."""
        self._lock = Lock()
        self._holder: object = None
        _close(self._files)

    def enter(self, holder: object, seconds: float) -> bool:
        """Wait for the head of the line; tells whether it was reached.

        One thread of a process asks the kernel at a time and may wait for as long as the
        other process holds the place; those behind it give up after some seconds.
        """
        if self._holder is holder:
            return True
        if not self._lock.acquire(timeout=seconds):
            return False
        try:
            fcntl.flock(self._file(), fcntl.LOCK_EX)
        except BaseException:
            self._lock.release()
            raise
        self._holder = holder
        return True

    def leave(self, holder: object) -> None:
        """Let the next one in, if this connection is at the head."""
        if holder is not None and self._holder is holder:
            self._holder = None
            fcntl.flock(self._file(), fcntl.LOCK_UN)
            self._lock.release()

    def _file(self) -> int:
        if not self._files:
            # Beside the database, never the database itself: closing a second handle of
            # that would drop SQLite's own locks.
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._files.append(os.open(self._path, flags, 0o600))
        return self._files[0]


def _close(files: list[int]) -> None:
    while files:
        os.close(files.pop())


def _after_fork(*_: Any) -> None:
    for line in _ALIVE:
        line.begin_again()


os.register_at_fork(after_in_child=_after_fork)
