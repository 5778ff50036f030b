"""One run of a campaign: bytes in, bytes out in the same order, and a clearance at the end.

Whatever breaks it, breaks it before the clearance: an answer without one is not whole.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from ...db import to_json, write
from .asked import AskedSet
from .campaign import Campaign
from .clearance import Files, give_clearance
from .csv_format import CsvWriter, Wish, read_layout
from .csv_reader import CsvReader
from .hand import Hand
from .intake import Pieces
from .lots import in_lots, portions
from .ndjson_format import NdjsonReader, NdjsonWriter
from .spool import Spool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from .hands import Hands, Work
    from .order import Deployment, Order
    from .rows import Reader, Writer

# A question of more bytes than this is worth the milliseconds that forking takes.
_LONG: Final = 1024 * 1024


class Run:
    """Takes a question in, gives the answer, keeps count; `close` it whatever happens."""

    def __init__(
        self,
        order: Order,
        here: Deployment,
        number: int,
        *,
        hands: Callable[[Work], Hands] | None = None,
    ) -> None:
        """`hands` forks those who answer a long list side by side; else it is done here."""
        self.number = number
        self.clearance: dict[str, Any] | None = None
        self._order = order
        self._here = here
        self._about = AskedSet(here.data)
        self._spool: Spool | None = None
        self._fork = hands
        self._hands: Hands | None = None
        self._size = self._there = 0
        self._waits = False
        self._asked = hashlib.sha256()
        self._answered = hashlib.sha256()
        self.campaign = Campaign(
            here.keys, order.purpose, order.channel, clock=here.clock, about=self._about
        )
        self._reader: Reader
        self.writer: Writer

    def take(
        self, question: Iterable[bytes], *, duplex: bool = False, here: int | None = None
    ) -> None:
        """Take the question in, whole, or as it comes; refuses a file it cannot read.

        `here`: so many bytes lie on this machine's disk, and need no second place there.
        """
        source = self._hashing(question)
        self._waits = duplex
        self._there = here or 0
        if not duplex and here is None:
            self._spool = Spool(self._here.data)
            for block in source:
                self._spool.write(block)
            source = self._spool.read()
        self._reader, self.writer = open_list(self._order, source)

    def answer(self, told: Callable[[int], None] = lambda _: None) -> Iterator[bytes]:
        """Give the answer in blocks, then the clearance; `told` hears of each batch's size."""
        yield self._said(self.writer.begin())
        for block, count in self._by_hands() if self._is_long() else self._here_alone():
            yield self._said(block)
            told(count)
            del block
        files = Files(question=self._asked.hexdigest(), answer=self._answered.hexdigest())
        about = list(self._about.parts())
        with write(self._here.keys.organisation) as tx:
            self.clearance = give_clearance(
                tx, self._here, self.number, self.campaign, about, files
            )
        yield self.writer.end(to_json(self.clearance))

    def _is_long(self) -> bool:
        long = max(self._size, self._there) > _LONG
        return self._fork is not None and not self._waits and long

    def _here_alone(self) -> Iterator[tuple[bytes, int]]:
        for answered in self.campaign.answer(in_lots(self._reader.lots()), waits=self._waits):
            yield self.writer.lines(answered, self._order.only), answered.size
            del answered

    def _by_hands(self) -> Iterator[tuple[bytes, int]]:
        assert self._fork is not None  # noqa: S101 - it is long
        order, here = self._order, self._here
        self._hands = self._fork(Hand(order, here, self._reader, self.writer).answer)
        for made in self._hands.made(portions(self._reader.pieces)):
            self._about.put(made.about)
            self.campaign.count.add(made.counted)
            yield made.block, made.counted.asked
            del made

    def close(self) -> None:
        """Let go of everything on disk, and of everybody who still answers."""
        if self._hands is not None:
            self._hands.close()
        self._about.close()
        if self._spool is not None:
            self._spool.close()

    def _hashing(self, question: Iterable[bytes]) -> Iterator[bytes]:
        for block in question:
            self._asked.update(block)
            self._size += len(block)
            yield block

    def _said(self, block: bytes) -> bytes:
        self._answered.update(block)
        return block


def open_list(order: Order, source: Iterable[bytes]) -> tuple[Reader, Writer]:
    """Read what a list begins with; refuses one that cannot be read."""
    pieces = Pieces(source, quoted=order.csv_in)
    if not order.csv_in:
        return NdjsonReader(pieces, order.identifier), NdjsonWriter()
    wish = Wish(order.channel, order.delimiter, order.identifier, order.column)
    layout = read_layout(pieces.first(), wish)
    writer = CsvWriter(layout) if order.csv_out else NdjsonWriter(layout.header)
    return CsvReader(layout, pieces, carried=not order.csv_out), writer
