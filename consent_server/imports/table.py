"""A text becomes records: CSV with any delimiter, or NDJSON, a bad line alone at fault.

Nothing here looks into a cell. What cannot be read is given as what is wrong with it, and
the next line is read as if nothing had been: a quote that is never closed swallows no row.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ..problems import Unprocessable, UnreadableBody
from ..web.strict_json import parse

if TYPE_CHECKING:
    import io
    from collections.abc import Callable, Iterator, Sequence

    # Told lines, and what stands between their cells.
    Passing = Callable[[Sequence[str], str], bool]

LONGEST_LINE: Final = 64 * 1024
_MOST_COLUMNS: Final = 1000
# A quoted cell may hold lines of its own, but a record is no book.
_LINES_OF_RECORD: Final = 100
_DELIMITERS: Final = ",;\t|"
# Lines that are handed to the reader of CSV at once.
_SHEET: Final = 512

TOO_LONG: Final = f"a line has at most {LONGEST_LINE} characters"
_NUL: Final = "the line holds the character U+0000"
_OPEN_QUOTE: Final = "a quote is opened and never closed"


@dataclass(slots=True)
class Record:
    """One line of a table: its cells, or what is wrong with it."""

    line: int
    # Of CSV in the order of the header; of NDJSON by name.
    cells: Sequence[str] | dict[str, str] = field(default=())
    wrong: str = ""
    # Characters up to its end, since the beginning of the file.
    until: int = 0
    # How many lines it stands for, none of which need be looked at; or it is one, to be read.
    passed_over: int = 0


def header_of(text: io.TextIOBase, told: Sequence[str] | None) -> tuple[list[str], str]:
    """Read the header of a CSV text, or take what is told; gives it and the delimiter."""
    first = text.readline(LONGEST_LINE)
    if len(first) >= LONGEST_LINE:
        raise Unprocessable("the first line is too long to be a header")
    if not first.strip():
        raise Unprocessable("the file is empty; its first line names its columns")
    delimiter = max(_DELIMITERS, key=first.count)
    if "\0" in first:
        raise UnreadableBody(_NUL)
    if told is not None:
        return list(told), delimiter
    names = [name.strip() for name in next(csv.reader([first], delimiter=delimiter))]
    if len(names) > _MOST_COLUMNS:
        raise Unprocessable(f"a file has at most {_MOST_COLUMNS} columns")
    return names, delimiter


def csv_records(
    text: io.TextIOBase,
    *,
    columns: int,
    delimiter: str,
    header: bool,
    passing: Passing | None = None,
) -> Iterator[Record]:
    """Give the records of a CSV text, one after the other.

    Lines that `passing` says need not be looked at are passed over, many at once.
    """
    for lines in _sheets(text):
        if passing and not (lines.wrong or lines.open) and passing(lines.lines, delimiter):
            count = len(lines.lines)
            yield Record(lines.first + count - 1, until=lines.until, passed_over=count)
            continue
        for record in _read(lines, delimiter):
            if header and record.line == 1:
                continue
            if not record.wrong and len(record.cells) != columns:
                if not any(record.cells):
                    continue
                count = len(record.cells)
                record.wrong = f"the line has {count} cells, the header has {columns}"
            yield record


@dataclass(slots=True)
class _Lines:
    """Physical lines that belong together, from the number of the first."""

    first: int
    until: int
    lines: list[str]
    wrong: str = ""
    # Where a quote was open at the end.
    open: bool = False


def _sheets(text: io.TextIOBase) -> Iterator[_Lines]:
    """Cut a text where no quote is open: whole sheets of records."""
    cutter = _Cutter()
    for line, length, wrong in _physical(text):
        if wrong:
            yield from cutter.cut()
            yield cutter.refuse(length, wrong)
        elif cutter.full(line, length):
            yield from cutter.cut()
    yield from cutter.cut()


class _Cutter:
    """Gathers lines until they can be read by themselves."""

    def __init__(self) -> None:
        self._number = self._until = 0
        # Lines whose quotes are all closed, and lines since one was opened.
        self._closed: list[str] = []
        self._open: list[str] = []

    def refuse(self, length: int, wrong: str) -> _Lines:
        """Pass over a line that cannot be read."""
        self._number, self._until = self._number + 1, self._until + length
        return _Lines(self._number, self._until, [], wrong)

    def full(self, line: str, length: int) -> bool:
        """Take a line; tells whether what is gathered can be read by now."""
        self._number += 1
        self._until += length
        # An even number of quotes leaves things as they were; an odd one opens or closes.
        odd = '"' in line and line.count('"') % 2 == 1
        if not (odd or self._open):
            self._closed.append(line)
        else:
            self._open.append(line)
            if odd == (len(self._open) > 1):
                self._closed += self._open
                self._open = []
        return len(self._open) >= _LINES_OF_RECORD or len(self._closed) >= _SHEET

    def cut(self) -> Iterator[_Lines]:
        """Give what was gathered."""
        first = self._number - len(self._open) - len(self._closed) + 1
        if self._closed:
            yield _Lines(first, self._until, self._closed)
        if self._open:
            yield _Lines(first + len(self._closed), self._until, self._open, open=True)
        self._closed, self._open = [], []


def _physical(text: io.TextIOBase) -> Iterator[tuple[str, int, str]]:
    while line := text.readline(LONGEST_LINE):
        length, wrong = len(line), _NUL if "\0" in line else ""
        while len(line) >= LONGEST_LINE and line[-1] not in "\r\n":
            wrong = TOO_LONG
            line = text.readline(LONGEST_LINE)
            length += len(line)
            if not line:
                break
        yield line, length, wrong


def _read(lines: _Lines, delimiter: str) -> Iterator[Record]:
    if lines.wrong:
        yield Record(lines.first, wrong=lines.wrong, until=lines.until)
        return
    if lines.open:
        yield from _one_by_one(lines, delimiter)
        return
    reader = csv.reader(lines.lines, delimiter=delimiter)
    found, line = [], lines.first
    try:
        for cells in reader:
            found.append(Record(line, cells, until=lines.until))
            line = lines.first + reader.line_num
    except csv.Error:
        yield from _one_by_one(lines, delimiter)
    else:
        yield from found


def _one_by_one(lines: _Lines, delimiter: str) -> Iterator[Record]:
    # Somewhere in these lines a quote has no partner: each line answers for itself.
    for number, line in enumerate(lines.lines, lines.first):
        try:
            cells = next(csv.reader([line], delimiter=delimiter, strict=True), [])
        except csv.Error:
            yield Record(number, wrong=_OPEN_QUOTE, until=lines.until)
        else:
            yield Record(number, cells, until=lines.until)


def ndjson_records(text: io.TextIOBase) -> Iterator[Record]:
    """Give the records of a text of JSON objects, one a line."""
    until = 0
    for number, (line, length, wrong) in enumerate(_physical(text), 1):
        until += length
        if wrong:
            yield Record(number, wrong=wrong, until=until)
        elif line.strip():
            yield _object(line, number, until)


def _object(line: str, number: int, until: int) -> Record:
    try:
        cells = {name: _plain(value) for name, value in parse(line.encode()).items()}
    except UnreadableBody as error:
        return Record(number, wrong=f"this is not one JSON object: {error.detail}", until=until)
    except TypeError:
        return Record(number, wrong="a member holds a list or an object", until=until)
    return Record(number, cells, until=until)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise TypeError
