"""What is only noted: kept in memory by the request, written in batches by a thread.

A process that is killed loses what it noted within the last moments, and nothing else
does: what could not be written waits for the next time. Whoever needs a fact never lost
writes it in the request's own transaction, not here.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any, Final

import structlog

from ..db import TROUBLE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flask import Flask

    # Writes notes, and gives back those that must wait; all of them if it raises.
    Write = Callable[[Sequence[Any]], Sequence[Any]]

NAME: Final = "consent.batches"
# Beyond this the oldest are dropped: memory is not the place for a database that is away.
_MOST: Final = 200_000
_EVERY_SECONDS: Final = 1.0
_ALIVE: Final[weakref.WeakSet[Batches]] = weakref.WeakSet()
_log = structlog.get_logger()


class Batch:
    """Notes of one kind, waiting."""

    def __init__(self, owner: Batches, write: Write) -> None:
        self._owner = owner
        self._write = write
        self._waiting: deque[Any] = deque(maxlen=_MOST)

    def add(self, note: Any) -> None:
        """Note something; the request does not wait for its writing."""
        self._waiting.append(note)
        if self._owner.idle:
            self._owner.start()

    def flush(self) -> None:
        """Write what waits, now."""
        taken = [self._waiting.popleft() for _ in range(len(self._waiting))]
        left: Sequence[Any] = taken
        try:
            left = self._write(taken) if taken else ()
        finally:
            self._waiting.extendleft(reversed(left))


class Batches:
    """All that one process notes, and the thread that writes it down."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._kinds: list[Batch] = []
        self._stop = threading.Event()
        self._lock = threading.Lock()
        # Commands and tests want no thread: they write when they say so.
        self._wanted = False
        # Whether a thread is wanted and not there.
        self.idle = False
        _ALIVE.add(self)

    def kind(self, write: Write) -> Batch:
        """Make room for notes of a kind, and say how they are written."""
        made = Batch(self, write)
        self._kinds.append(made)
        return made

    def by_itself(self) -> None:
        """From now on write every second, in whichever process notes something."""
        self._wanted = self.idle = True

    def begin_again(self) -> None:
        """Want a thread of its own, in a process just forked: threads are not inherited."""
        self._lock = threading.Lock()
        self.idle = self._wanted

    def start(self) -> None:
        """Start the thread, unless another request has done so."""
        with self._lock:
            if not self.idle:
                return
            self.idle = False
        threading.Thread(target=self._run, name="batches", daemon=True).start()

    def _run(self) -> None:
        with self._app.app_context():
            while not self._stop.wait(_EVERY_SECONDS):
                self.flush()

    def flush(self) -> None:
        """Write all that waits; trouble of the database is for the next time."""
        for each in self._kinds:
            try:
                each.flush()
            except TROUBLE as error:
                _log.warning("the database does not answer", error=type(error).__name__)

    def finish(self) -> None:
        """Write what waits, for the last time."""
        self._stop.set()
        with self._app.app_context():
            self.flush()


def batches_of(app: Flask) -> Batches:
    """Give the application's notes."""
    made: Batches = app.extensions.setdefault(NAME, Batches(app))
    return made


def _after_fork() -> None:
    for each in _ALIVE:
        each.begin_again()


os.register_at_fork(after_in_child=_after_fork)
