"""A run that is carried out in a process of its own: asked here, answered there (host.py)."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

from flask import current_app

from . import frames
from .host import Asked, line_to
from .run import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .order import Deployment, Order


def run_of(order: Order, here: Deployment, number: int) -> Run | Elsewhere:
    """Give a run: in a process of its own where there is a host, else in this one."""
    line = line_to(current_app._get_current_object())  # type: ignore[attr-defined] # the app itself
    return Elsewhere(line, order, here, number) if line else Run(order, here, number)


class Elsewhere:
    """Takes a question in, gives the answer, as `Run` does; `close` it whatever happens."""

    def __init__(self, line: frames.Line, order: Order, here: Deployment, number: int) -> None:
        self.number = number
        self._line = line
        self._order, self._here = order, here
        self._question: Iterator[bytes] = iter(())

    def take(self, question: Iterable[bytes], *, duplex: bool = False) -> None:
        """Take the question in, whole, or as it comes; refuses a file it cannot read."""
        self._question = iter(question)
        here = self._here
        asked = Asked(self._order, here.keys.organisation, here.actor, self.number, duplex)
        self._line.say(frames.ORDER, pickle.dumps(tuple(asked)))
        self._hear()

    def answer(self) -> Iterator[bytes]:
        """Give the answer in blocks, then the clearance."""
        while True:
            self._line.say(frames.NEXT)
            kind, block = self._hear()
            if kind == frames.DONE:
                return
            yield block

    def close(self) -> None:
        """Let go: what is not answered by now never is."""
        self._line.close()

    def _hear(self) -> tuple[bytes, bytes]:
        while True:
            kind, told = self._line.hear()
            if kind == frames.REFUSED:
                raise frames.raised(told)
            if kind != frames.MORE:
                return kind, told
            block = next(self._question, None)
            if block is None:
                self._line.say(frames.QUESTION_ENDED)
            else:
                self._line.say(frames.QUESTION, block)
