"""Beside: parts of the worker that have a thread of their own, and what becomes of a fault.

A database that does not answer is waited for. Any other fault ends the part, and with it the
worker, so that whoever watches over it starts it again: a thread that died unheard would
leave lists or imports lying for as long as the others live.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from . import db

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from flask import Flask

    # One pass; tells whether there is more to do at once.
    Pass = Callable[[], object]

_log = structlog.get_logger()


@dataclass
class Beside:
    """Threads that make pass after pass until they are told to stop."""

    app: Flask
    stopping: threading.Event
    # The part that a fault ended, if one did.
    failed: str = ""
    _threads: list[threading.Thread] = field(default_factory=list)

    def begin(
        self, name: str, pause: float, part: Callable[[], AbstractContextManager[Pass | None]]
    ) -> None:
        """Begin a part that looks every `pause` seconds; one without a pass ends at once."""
        thread = threading.Thread(
            target=self._keep_on, args=(name, pause, part), name=name, daemon=True
        )
        self._threads.append(thread)
        thread.start()

    def join(self, within: float) -> None:
        """Wait until each has finished its last pass."""
        for each in self._threads:
            each.join(within)

    def _keep_on(
        self, name: str, pause: float, part: Callable[[], AbstractContextManager[Pass | None]]
    ) -> None:
        try:
            with self.app.app_context(), part() as once:
                while once is not None and not self.stopping.is_set():
                    if not self._passed(once):
                        self.stopping.wait(pause)
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody else would hear of it
            # Its words may hold what a person is called: only its kind is written down.
            _log.error("a part of the worker failed", kind=name, error=type(error).__name__)
            self.failed = name
            self.stopping.set()

    def _passed(self, once: Pass) -> bool:
        try:
            return bool(once())
        except db.TROUBLE as error:
            # It may be restarting: what waits goes on waiting, nothing is lost.
            _log.warning("the database does not answer", error=type(error).__name__)
            return False


def each_of(
    several: Callable[[], list[int]], once: Callable[[int], object], stopping: threading.Event
) -> Pass:
    """Make a pass over organisations of what does one; ends early when told to stop."""

    def passed() -> None:
        for one in several():
            if stopping.is_set():
                return
            once(one)

    return passed


def paced(once: Pass) -> Pass:
    """Make a pass after which there is always a pause."""

    def passed() -> None:
        once()

    return passed
