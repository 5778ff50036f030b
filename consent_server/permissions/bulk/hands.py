"""Hands: processes that answer a list's portions side by side, each a whole one at a time.

They are forked by the list's own process, which has neither threads nor connections then. It
hands each one portion after the other and gets what was made of it, always in the order of
the list; when one dies the list breaks off, and when the list's process ends they all do.
"""

from __future__ import annotations

import os
import pickle
import socket
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from ...db import db
from . import frames
from .columns import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Work = Callable[[Any], Any]

# Each takes some thirty megabytes.
_MOST: Final = 4


def processors() -> int:
    """Tell how many hands a list may have: as many as can work at once."""
    return min(len(os.sched_getaffinity(0)), _MOST)


def fork_hands(work: Work) -> Hands:
    """Fork them for the one list of a command, which has nobody to take turns with."""
    # A connection is never had by two processes; what all of them need is.
    db.engine.dispose()
    load()
    return Hands(processors(), work, leave=lambda: None)


class Hands:
    """Some processes that do one kind of work; `close` them whatever happens."""

    def __init__(self, count: int, work: Work, *, leave: Callable[[], object]) -> None:
        """Fork them; each has what `work` has, but for what it is to `leave`."""
        self._lines: list[frames.Line] = []
        for _ in range(count):
            mine, its = socket.socketpair()
            if os.fork() == 0:
                try:
                    # Nobody but the list's own process holds another end: all hear it end.
                    leave()
                    mine.close()
                    self.close()
                    _serve(frames.Line(its), work)
                finally:
                    os._exit(0)
            its.close()
            self._lines.append(frames.Line(mine))

    def made(self, portions: Iterator[Any]) -> Iterator[Any]:
        """Give what is made of each portion, in their order; raises what one was refused with.

        No portion is begun while as many are under way, or wait to be taken, as there are
        hands.
        """
        busy: deque[frames.Line] = deque()
        for line in self._lines:
            _hand(line, portions, busy)
        while busy:
            line = busy.popleft()
            kind, told = line.hear()
            if kind == frames.REFUSED:
                raise frames.raised(told)
            # It goes on while this one is looked at.
            _hand(line, portions, busy)
            made = pickle.loads(told)  # noqa: S301 - from our own process
            # Megabytes each: what was read is not held beside what it was read to.
            del told
            yield made
            del made

    def close(self) -> None:
        """Let go of them: they end."""
        for line in self._lines:
            line.close()


def _hand(line: frames.Line, portions: Iterator[Any], busy: deque[frames.Line]) -> None:
    portion = next(portions, None)
    if portion is not None:
        line.say(frames.NEXT, pickle.dumps(portion))
        busy.append(line)


def _serve(line: frames.Line, work: Work) -> None:
    with suppress(frames.Gone):
        while True:
            line.say(*_said(work, line))


def _said(work: Work, line: frames.Line) -> tuple[bytes, bytes]:
    portion = pickle.loads(line.hear()[1])  # noqa: S301 - from our own process
    try:
        return frames.BLOCK, pickle.dumps(work(portion))
    except Exception as error:  # noqa: BLE001 - told where it was asked
        return frames.REFUSED, frames.told_of(error)
