"""Spreadsheets: the column that names people goes out as a list, answers come back beside it.

Only row numbers and that one column are asked about; whatever else a sheet holds stays where
it is, and every kept row is written as it was, with the answer's columns after it.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final, Protocol

from ...problems import Problem, Unprocessable
from .csv_format import find_column
from .rows import FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from .csv_format import Wish

ROW: Final = "row"
ENDINGS: Final = frozenset({".xlsx", ".parquet"})
_BLOCK_ROWS: Final = 1_000

Values = list[Any]


class Sheet(Protocol):
    """A file of rows under names, read from its beginning as often as one likes."""

    @property
    def header(self) -> Sequence[str]:
        """The names of its columns."""

    @property
    def size(self) -> int:
        """How many rows it says it has, or 0 if it does not say."""

    def rows(self) -> Iterator[Values]:
        """Give every row after the header."""

    def write(self, goal: Path, rows: Iterable[Values], added: Sequence[str]) -> None:
        """Write rows of this sheet, with columns added, in the same format."""


def open_sheet(path: Path) -> Sheet:
    """Open a spreadsheet by its ending; `Unprocessable` if it is not what it says."""
    # Neither library is loaded by a server that never sees a spreadsheet.
    if path.suffix.lower() == ".parquet":
        from .parquet import ParquetSheet  # noqa: PLC0415 - an extra that need not be there

        return ParquetSheet(path)
    from .xlsx import XlsxSheet  # noqa: PLC0415 - as above

    return XlsxSheet(path)


class Questionnaire:
    """A sheet as a list to ask about, and the answers put back to its rows."""

    def __init__(self, sheet: Sheet, wish: Wish) -> None:
        self.sheet = sheet
        self._at, self._kind = find_column(sheet.header, wish)

    def question(self, told: Callable[[int], object]) -> Iterator[bytes]:
        """Give the list as CSV: the row's number, and whom it names; tells of each block."""
        block = [f"{ROW},{self._kind}\n"]
        for number, values in enumerate(self.sheet.rows(), start=2):
            text = _text(values[self._at] if self._at < len(values) else None)
            block.append(f"{number},{_quoted(text)}\n")
            if len(block) >= _BLOCK_ROWS:
                yield "".join(block).encode()
                told(_BLOCK_ROWS)
                block = []
        yield "".join(block).encode()

    def answered(self, answer: Iterable[bytes]) -> Iterator[Values]:
        """Give the rows that came back, each with its answer after it."""
        width = len(self.sheet.header)
        rows = enumerate(self.sheet.rows(), start=2)
        lines = csv.reader(_lines(answer))
        next(lines, None)
        for number, _, *said in lines:
            # The order is kept, so the sheet is passed over once.
            values = next(each for at, each in rows if at == int(number))
            yield [*values[:width], *[None] * (width - len(values)), *said]

    def write(self, goal: Path, answer: Iterable[bytes]) -> None:
        """Write the rows that came back as a sheet of the same kind."""
        self.sheet.write(goal, self.answered(answer), FIELDS)


def _lines(blocks: Iterable[bytes]) -> Iterator[str]:
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            yield line.decode() + "\n"
    if rest:
        yield rest.decode()


def _quoted(text: str) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([text])
    return out.getvalue()


def _text(value: object) -> str:
    # A spreadsheet keeps what looks like a number as one: 33612345678, not 33612345678.0.
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    # A line break within a cell is no part of anybody's address.
    return " ".join(str(value).split()) if value is not None else ""


def refuse(path: Path, what: str) -> Problem:
    """Say that a file is not the spreadsheet it is called."""
    return Unprocessable.at("", f"{path.name} {what}")
