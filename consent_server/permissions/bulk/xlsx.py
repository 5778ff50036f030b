"""Excel workbooks: the first sheet, read and written a row at a time."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, Final
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

from .sheets import refuse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from .sheets import Values

_NOT_ONE: Final = (BadZipFile, InvalidFileException, KeyError, OSError, ValueError)
_TEXT: Final = "s"


class XlsxSheet:
    """The first sheet of a workbook; a formula is read as the value it was saved with."""

    def __init__(self, path: Path) -> None:
        self._path = path
        first = next(self._all(), [])
        self.header = [str(name).strip() if name is not None else "" for name in first]
        if not any(self.header):
            raise refuse(path, "is empty: its first row must name the columns")

    @property
    def size(self) -> int:
        """How many rows it says it has, or 0 if it does not say."""
        with closing(self._opened()) as book:
            return max(0, (book.worksheets[0].max_row or 0) - 1)

    def rows(self) -> Iterator[Values]:
        """Give every row after the header."""
        rows = self._all()
        next(rows, None)
        return rows

    def write(self, goal: Path, rows: Iterable[Values], added: Sequence[str]) -> None:
        """Write a workbook of one sheet; what is text stays text, also if it begins with =."""
        book = Workbook(write_only=True)
        sheet = book.create_sheet(title=self._title())
        sheet.append([_cell(sheet, name) for name in [*self.header, *added]])
        for values in rows:
            sheet.append([_cell(sheet, value) for value in values])
        book.save(goal)

    def _opened(self) -> Any:
        try:
            return load_workbook(self._path, read_only=True, data_only=True)
        except _NOT_ONE:
            raise refuse(self._path, "cannot be read as an Excel workbook (.xlsx)") from None

    def _title(self) -> str:
        with closing(self._opened()) as book:
            return str(book.worksheets[0].title)

    def _all(self) -> Iterator[Values]:
        with closing(self._opened()) as book:
            for values in book.worksheets[0].iter_rows(values_only=True):
                # Sheets go on for ever below what was filled in.
                if any(value is not None for value in values):
                    yield list(values)


def _cell(sheet: Any, value: object) -> object:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value)
    # Else it would be taken for a formula, and run by whoever opens the file.
    cell.data_type = _TEXT
    return cell
