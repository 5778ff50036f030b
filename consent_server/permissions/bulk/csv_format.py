"""CSV: any delimiter, a header that names the columns, every other column carried through."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ...problems import Unprocessable
from .columns import beside, np, texts_of
from .rows import FIELDS, KINDS, Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .rows import Answered

MEDIA: Final = "text/csv"
DELIMITERS: Final = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
_BOM: Final = b"\xef\xbb\xbf"
# Columns that all of a class are told alike.
_ALIKE: Final = 3
QUOTED: Final = re.compile(r'[",;\t|\r\n]')
# What people's own files call them, written small and without signs.
_ALSO: Final = {
    "email": {"email", "mail", "emailaddress", "courriel", "adresseemail", "adressemail"},
    "phone": {"phone", "phonenumber", "telephone", "tel", "mobile", "numerodetelephone"},
    "external_id": {"externalid", "customerid", "crmid", "idexterne"},
    "visitor": {"visitor", "visitorid"},
    "sha256_email": {"sha256email", "hashedemail", "emailsha256"},
    "sha256_phone": {"sha256phone", "hashedphone", "phonesha256"},
}
_OF_CHANNEL: Final = {
    "phone": "phone",
    "sms": "phone",
    "automated_call": "phone",
    "web": "visitor",
}


@dataclass(frozen=True)
class Layout:
    """How a file is laid out: its delimiter, its columns, and which of them is asked about."""

    delimiter: str
    header: tuple[str, ...]
    raw_header: bytes
    newline: bytes
    at: int
    kind: str


@dataclass(frozen=True)
class Wish:
    """What the caller says of the layout; what is left out is found out."""

    channel: str | None = None
    delimiter: str | None = None
    identifier: str | None = None
    column: str | None = None


def read_layout(first: bytes | None, wish: Wish) -> Layout:
    """Read the header; raises `Unprocessable` saying which column is missed."""
    newline = b"\r\n" if first and first.endswith(b"\r") else b"\n"
    raw = (first or b"").removesuffix(b"\r").removeprefix(_BOM)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise Unprocessable.at("", "the file must be UTF-8: save it as CSV UTF-8") from None
    if not text.strip():
        raise Unprocessable.at("", "the file is empty: its first line must name the columns")
    delimiter = DELIMITERS[wish.delimiter] if wish.delimiter else _guess(text)
    try:
        header = tuple(cells_of(text, delimiter))
    except csv.Error:
        raise Unprocessable.at("", "the first line must name the columns, as CSV") from None
    at, kind = find_column(header, wish)
    return Layout(delimiter, header, raw, newline, at, kind)


def _guess(text: str) -> str:
    return max(DELIMITERS.values(), key=text.count)


def cells_of(text: str, delimiter: str) -> list[str]:
    """Read one line's cells."""
    return next(csv.reader([text], delimiter=delimiter, strict=False), [])


def _plainly(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold().replace("é", "e"))


def find_column(header: Sequence[str], wish: Wish) -> tuple[int, str]:
    """Find the column that names people, and what it holds; or `Unprocessable`."""
    if wish.column is not None:
        if wish.column not in header:
            raise Unprocessable.at("/column", "the file has no column of this name")
        named = _kind_of(wish.column)
        return header.index(wish.column), wish.identifier or named or "email"
    found: dict[str, int] = {}
    for at, name in enumerate(header):
        kind = _kind_of(name)
        if kind is not None:
            found.setdefault(kind, at)
    first = (
        (wish.identifier,) if wish.identifier else (_OF_CHANNEL.get(wish.channel or ""), *KINDS)
    )
    for kind in first:
        if kind in found:
            return found[kind], kind
    raise Unprocessable.at(
        "/column",
        "no column is called " + ", ".join(KINDS) + "; name yours with ?column=…&identifier=…"
        " (the first line must name the columns)",
    )


def _kind_of(name: str) -> str | None:
    plain = _plainly(name)
    return next((kind for kind, names in _ALSO.items() if plain in names), None)


class CsvWriter:
    """Writes the caller's columns as they came, then the answer's."""

    media = "text/csv; charset=utf-8"

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._delimiter = layout.delimiter.encode()

    def begin(self) -> bytes:
        """Write the header, and after it the names of the answer's columns."""
        names = [self._layout.raw_header, *(name.encode() for name in FIELDS)]
        return self._delimiter.join(names) + self._layout.newline

    def lines(self, answered: Answered, only: str | None = None) -> bytes:
        """Write lines with their answers; `only` those allowed, or denied."""
        lot, classes, tails, alike, whole = answered
        # What all of a class are told, then what others are told each, as if of one class each.
        said = [self._said(each, _ALIKE) + self._delimiter for each in alike]
        told = classes
        if whole:
            told = classes.copy()
            told[list(whole)] = np.arange(len(said), len(said) + len(whole))
            said += [self._said(each, len(FIELDS)) for each in whole.values()]
        if self._delimiter != b",":
            tails = tails._replace(text=tails.text.replace(b",", self._delimiter))
        heads = texts_of(said).among(told)
        end = texts_of([self._layout.newline]).among(np.zeros(lot.size, np.int64))
        columns = [lot.lines, heads, tails, end]
        if only is not None:
            places = answered.places(only)
            columns = [each.among(places) for each in columns]
        return beside(columns)

    def _said(self, answer: Answer, columns: int) -> bytes:
        texts = ["true" if answer.allowed else "false", *map(str, answer[1:columns])]
        return b"".join(self._delimiter + text.encode() for text in texts)

    def end(self, clearance: str) -> bytes:
        """Write nothing: a table's last line would be taken for a person."""
        return b""
