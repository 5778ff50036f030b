"""One run of a campaign: bytes in, bytes out in the same order, and a clearance at the end.

Whatever breaks it, breaks it before the clearance: an answer without one is not whole.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ...db import to_json
from .asked import AskedSet
from .campaign import Campaign
from .clearance import give_clearance
from .csv_format import CsvReader, CsvWriter, Wish, read_layout
from .intake import records
from .ndjson_format import NdjsonReader, NdjsonWriter
from .spool import Spool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from .order import Deployment, Order
    from .rows import Answer, Reader, Writer


class Run:
    """Takes a question in, gives the answer, keeps count; `close` it whatever happens."""

    def __init__(self, order: Order, here: Deployment, number: int) -> None:
        self.number = number
        self.clearance: dict[str, Any] | None = None
        self._order = order
        self._here = here
        self._about = AskedSet(here.data)
        self._spool: Spool | None = None
        self._asked = hashlib.sha256()
        self._answered = hashlib.sha256()
        self.campaign = Campaign(
            here.keys, order.purpose, order.channel, clock=here.clock, about=self._about
        )
        self._reader: Reader
        self.writer: Writer

    def take(self, question: Iterable[bytes], *, duplex: bool = False) -> None:
        """Take the question in, whole, or as it comes; refuses a file it cannot read."""
        source = self._hashing(question)
        if not duplex:
            self._spool = Spool(self._here.data)
            for block in source:
                self._spool.write(block)
            source = self._spool.read()
        lines = records(source, quoted=self._order.csv_in)
        if self._order.csv_in:
            self._begin_table(lines)
        else:
            self._reader = NdjsonReader(lines, self._order.identifier)
            self.writer = NdjsonWriter()

    def answer(self, told: Callable[[int], None] = lambda _: None) -> Iterator[bytes]:
        """Give the answer in blocks, then the clearance; `told` hears of each batch's size."""
        wanted = _WANTED[self._order.only]
        yield self._said(self.writer.begin())
        for answered in self.campaign.answer(self._reader.rows()):
            lines = (self.writer.line(*each) for each in answered if wanted(each[1]))
            yield self._said(b"".join(lines))
            told(len(answered))
        self.clearance = give_clearance(
            self._here,
            self.number,
            self.campaign,
            self._about,
            question=self._asked.hexdigest(),
            answer=self._answered.hexdigest(),
        )
        yield self.writer.end(to_json(self.clearance))

    def close(self) -> None:
        """Let go of everything on disk."""
        self._about.close()
        if self._spool is not None:
            self._spool.close()

    def _begin_table(self, lines: Iterator[bytes | None]) -> None:
        order = self._order
        wish = Wish(order.channel, order.delimiter, order.identifier, order.column)
        layout = read_layout(next(lines, None), wish)
        self._reader = CsvReader(layout, lines)
        self.writer = CsvWriter(layout) if order.csv_out else NdjsonWriter(layout.header)

    def _hashing(self, question: Iterable[bytes]) -> Iterator[bytes]:
        for block in question:
            self._asked.update(block)
            yield block

    def _said(self, block: bytes) -> bytes:
        self._answered.update(block)
        return block


def _all(_answer: Answer) -> bool:
    return True


def _allowed(answer: Answer) -> bool:
    return answer.allowed


def _denied(answer: Answer) -> bool:
    return not answer.allowed


_WANTED = {None: _all, "allowed": _allowed, "denied": _denied}
