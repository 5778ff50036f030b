"""Sheets: the records of a file as the rows of one batch after the other, read ahead.

While the database writes a batch, the next one is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ..keyring import CannotOpen
from ..sealed_file import FileDamaged
from .rules.short import Short
from .rules.values import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .parted import Read
    from .rules.short import ShortReader
    from .rules.values import Row
    from .table import Record

# As many times more lines are read for a sheet while none of them is for this pass.
_PASSED: Final = 8
_FIRST: Final = 8


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
        # The first one is small: while it is read nothing is written.
        self._most, self._later, self._yes = most // _FIRST or 1, most, yes
        self._next: Sheet | None = None
        self._fault: Exception | None = None
        # What the last short row said, and whether this pass takes it.
        self._like: Row | None = None
        self._fits = False

    def look(self) -> Sheet | None:
        """Read the next sheet, if it is not read yet; `take` says what is wrong with it."""
        if self._next is not None or self._fault is not None:
            return self._next
        rows: list[Read] = []
        records = until = 0
        try:
            for record in self._records:
                records, until = records + (record.passed_over or 1), record.until
                if not record.passed_over and (row := self._read(record)):
                    rows.append(row)
                # While all are passed over there is nothing to be recorded.
                if records >= (self._most if rows else self._most * _PASSED):
                    break
        except (CannotOpen, FileDamaged) as fault:
            # What was read before it is whole, and is carried over.
            self._fault = fault
            return None
        self._next, self._most = Sheet(rows, records, until), self._later
        return self._next

    def _read(self, record: Record) -> Read | None:
        """Read a record, if it is one for this pass."""
        reader, yes = self._reader, self._yes
        if record.wrong:
            row: Read = record.line, Fault("unreadable", "", record.wrong)
        else:
            if not yes and reader.is_yes(record.cells):
                return None
            try:
                row = reader.read(record.line, record.cells)
            except Fault as fault:
                row = record.line, fault
        if isinstance(row, Short):
            like = row.like
            if like is not self._like:
                self._like, self._fits = like, like.yes is yes
            return row if self._fits else None
        if isinstance(row, tuple):
            return None if yes else row
        return row if row.yes is yes or (not yes and not all(row.choices.values())) else None

    def take(self) -> Sheet | None:
        """Give the next sheet; None after the last. Raises what was wrong with the file."""
        self.look()
        if self._fault is not None:
            raise self._fault
        sheet, self._next = self._next, None
        return sheet if sheet and sheet.records else None
