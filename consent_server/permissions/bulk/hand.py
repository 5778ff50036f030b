"""A hand: what one of the processes that answer a list does with a portion of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .campaign import Campaign, Count
from .columns import np
from .lots import LOT_ROWS, in_lots

if TYPE_CHECKING:
    from .columns import Ints
    from .intake import Piece
    from .order import Deployment, Order
    from .rows import Reader, Writer


class Made(NamedTuple):
    """What was made of a portion: its answers, and what the clearance tells of it."""

    block: bytes
    counted: Count
    # Whom it asked about (asked.py).
    about: Ints


class _Heard:
    """Remembers who was asked about, for the process that knows of all portions."""

    def __init__(self) -> None:
        self._several: list[Ints] = []

    def put(self, several: Ints) -> None:
        self._several.append(several)

    def all(self) -> Ints:
        """Give them, and forget them."""
        several, self._several = self._several, []
        return np.concatenate([np.empty(0, np.int64), *several])


class Hand:
    """Answers portions of one list, as the list itself would."""

    def __init__(self, order: Order, here: Deployment, reader: Reader, writer: Writer) -> None:
        self._only, self._reader, self._writer = order.only, reader, writer
        self._heard = _Heard()
        self._campaign = Campaign(
            here.keys, order.purpose, order.channel, clock=here.clock, about=self._heard
        )

    def answer(self, portion: list[Piece]) -> Made:
        """Answer a portion, each lot of it from what is committed when it is read."""
        count = self._campaign.count = Count()
        lots = in_lots(self._reader.read(portion), LOT_ROWS)
        # There is nobody to wait for, nor a processor left that could work ahead.
        answered = self._campaign.answer(lots, waits=True)
        block = b"".join([self._writer.lines(each, self._only) for each in answered])
        return Made(block, count, self._heard.all())
