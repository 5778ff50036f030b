"""A file of people not to be contacted: one address a line, or CSV with a header.

Read line by line with flat memory; what cannot be read is told by the number of its line,
never by what it says. Read twice, it adds nothing the second time.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from .identifiers import Identified, Kind, NotAnIdentifier, guess_kind, identify
from .suppressions import SUPPRESSED, Asked, NotAScope, read_scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..notices.values import Configuration

# An address is shorter; what is longer is no line of such a file.
LONGEST_LINE: Final = 4096
_BOM: Final = b"\xef\xbb\xbf"
_SEPARATORS: Final = (",", ";", "\t")
_COLUMNS: Final = frozenset({*SUPPRESSED, "scope", "reason"})


@dataclass(frozen=True)
class Line:
    """A line of the file: what it asks for, or why it cannot."""

    number: int
    # Bytes of the file read so far.
    read: int
    asked: Asked | None = None
    fault: str = ""


@dataclass(frozen=True)
class Otherwise:
    """What holds where a line does not say: its scope, its reason, its numbers' country."""

    scope: str | None
    reason: str
    region: str


class UnreadableFile(ValueError):
    """The file as a whole cannot be read; the message says what would be right."""


def read_lines(
    file: BinaryIO,
    configuration: Configuration,
    otherwise: Otherwise,
    *,
    reasons: frozenset[str],
) -> Iterator[Line]:
    """Read a file; raises `UnreadableFile` when its header says what we do not know."""
    columns: list[str] | None = None
    separator = ","
    first, read = True, 0
    for number, raw in enumerate(_lines(file), start=1):
        read += len(raw)
        text, fault = _text(raw.removeprefix(_BOM) if first else raw)
        if fault:
            yield Line(number, read, fault=fault)
            first = False
            continue
        if not text:
            continue
        if first:
            separator = _separator(text)
            columns = _header(text, separator)
        was_first, first = first, False
        if was_first and columns is not None:
            continue
        cells = _cells(text, separator, columns)
        asked, fault = _asked(cells, configuration, otherwise, reasons)
        yield Line(number, read, asked, fault)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while raw := file.readline(LONGEST_LINE + 1):
        line = raw
        while len(raw) > LONGEST_LINE and not raw.endswith(b"\n"):
            # The rest of a line that is no line is read over, never held.
            raw = file.readline(LONGEST_LINE + 1)
        yield line


def _text(raw: bytes) -> tuple[str, str]:
    if len(raw) > LONGEST_LINE:
        return "", "the line is too long"
    try:
        text = raw.decode("utf-8").strip("\r\n ")
    except UnicodeDecodeError:
        return "", "write the file in UTF-8"
    return (text, "") if text.replace("\t", " ").isprintable() else ("", "it is no text")


def _separator(text: str) -> str:
    return max(_SEPARATORS, key=text.count)


def _header(text: str, separator: str) -> list[str] | None:
    names = [cell.strip().strip('"').lower() for cell in text.split(separator)]
    if not set(names) & set(SUPPRESSED):
        return None
    unknown = sorted(set(names) - _COLUMNS)
    if unknown:
        raise UnreadableFile(
            f"{len(unknown)} columns are not known; known are: {', '.join(sorted(_COLUMNS))}"
        )
    return names


def _cells(text: str, separator: str, columns: list[str] | None) -> Mapping[str, str]:
    if columns is None:
        return {guess_kind(text): text}
    try:
        (row,) = csv.reader([text], delimiter=separator)
    except (csv.Error, ValueError):
        return {}
    return {
        name: cell.strip() for name, cell in zip(columns, row, strict=False) if cell.strip()
    }


def _asked(
    cells: Mapping[str, str],
    configuration: Configuration,
    otherwise: Otherwise,
    reasons: frozenset[str],
) -> tuple[Asked | None, str]:
    kinds: list[Kind] = [kind for kind in SUPPRESSED if kind in cells]
    if not kinds:
        return None, "no email, phone or external_id"
    scope = cells.get("scope") or otherwise.scope
    reason = cells.get("reason") or otherwise.reason
    if scope is None:
        return None, "no scope: name one with --scope"
    if reason not in reasons:
        return None, f"a reason is one of: {', '.join(sorted(reasons))}"
    try:
        given: tuple[Identified, ...] = tuple(
            identify(kind, cells[kind], region=otherwise.region) for kind in kinds
        )
        return Asked(given, read_scope(scope, configuration), reason), ""
    except (NotAnIdentifier, NotAScope) as error:
        return None, str(error)
