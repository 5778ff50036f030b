"""Sheets: the records of a file as the rows of one batch after the other, read ahead.

While the database writes a batch, the next one is read.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from ..keyring import CannotOpen
from ..sealed_file import FileDamaged
from .rules.short import Short
from .rules.values import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .batch import Read
    from .rules.short import ShortReader
    from .table import Record


class Sheet(NamedTuple):
    """The rows of a batch, as this pass takes them."""

    rows: list[Read]
    # Records that were read for them, and the characters up to the end of the last.
    records: int
    until: int


class Sheets:
    """The sheets of a file, one after the other; the next one may be read ahead."""

    def __init__(
        self, records: Iterator[Record], reader: ShortReader, most: int, *, yes: bool
    ) -> None:
        self._records, self._reader = records, reader
        self._most, self._yes = most, yes
        self._next: Sheet | None = None
        self._fault: Exception | None = None

    def look(self) -> None:
        """Read the next sheet, if it is not read yet; `take` says what is wrong with it."""
        if self._next is not None or self._fault is not None:
            return
        try:
            batch = list(islice(self._records, self._most))
        except (CannotOpen, FileDamaged) as fault:
            # What was read before it is whole, and is carried over.
            self._fault = fault
            return
        rows = list(_rows(self._reader, batch, yes=self._yes))
        self._next = Sheet(rows, len(batch), batch[-1].until if batch else 0)

    def take(self) -> Sheet | None:
        """Give the next sheet; None after the last. Raises what was wrong with the file."""
        self.look()
        if self._fault is not None:
            raise self._fault
        sheet, self._next = self._next, None
        return sheet if sheet and sheet.records else None


def _rows(reader: ShortReader, batch: Sequence[Record], *, yes: bool) -> Iterator[Read]:
    for record in batch:
        if not (yes or record.wrong) and reader.is_yes(record.cells):
            continue
        row = _row(reader, record)
        if isinstance(row, tuple):
            if not yes:
                yield row
        elif isinstance(row, Short):
            if row.like.yes is yes:
                yield row
        elif row.yes is yes or (not yes and not all(row.choices.values())):
            yield row


def _row(reader: ShortReader, record: Record) -> Read:
    if record.wrong:
        return record.line, Fault("unreadable", "", record.wrong)
    try:
        return reader.read(record.line, record.cells)
    except Fault as fault:
        return record.line, fault
