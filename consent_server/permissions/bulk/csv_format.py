"""CSV: any delimiter, a header that names the columns, every other column carried through."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ...problems import Unprocessable
from ...subjects.identifiers import COMMON_SMALL
from .lots import FIRST_ROWS
from .rows import FIELDS, KINDS, Answer, Lot, Row, as_bytes, as_text, lot_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .intake import Piece
    from .rows import Answered

MEDIA: Final = "text/csv"
DELIMITERS: Final = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
_BOM: Final = b"\xef\xbb\xbf"
_QUOTED: Final = re.compile(r'[",;\t|\r\n]')
# What people's own files call them, written small and without signs.
_ALSO: Final = {
    "email": {"email", "mail", "emailaddress", "courriel", "adresseemail", "adressemail"},
    "phone": {"phone", "phonenumber", "telephone", "tel", "mobile", "numerodetelephone"},
    "external_id": {"externalid", "customerid", "crmid", "idexterne"},
    "visitor": {"visitor", "visitorid"},
    "sha256_email": {"sha256email", "hashedemail", "emailsha256"},
    "sha256_phone": {"sha256phone", "hashedphone", "phonesha256"},
}
_SHA256: Final = rb"[0-9a-f]{64}"
_NAMES: Final = {"email": COMMON_SMALL, "sha256_email": _SHA256, "sha256_phone": _SHA256}
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
    header = tuple(_cells(text, delimiter))
    at, kind = find_column(header, wish)
    return Layout(delimiter, header, raw, newline, at, kind)


def _guess(text: str) -> str:
    return max(DELIMITERS.values(), key=text.count)


def _cells(text: str, delimiter: str) -> list[str]:
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


class CsvReader:
    """Reads the lines after a header."""

    def __init__(
        self, layout: Layout, pieces: Iterable[Piece], *, carried: bool = True
    ) -> None:
        self._layout = layout
        self._pieces = pieces
        # Whether the writer needs the cells of a row beside the row itself.
        self._carried = carried
        self._plain = None if carried else _plain_lines(layout)
        self._first = True

    def lots(self) -> Iterator[Lot]:
        """Give every line, those that are plain by one look at many of them."""
        for piece in self._pieces:
            for part in self._parted(piece):
                plain = self._plainly(part) if isinstance(part, bytes) else None
                if plain is not None:
                    yield plain
                    continue
                lines = part.split(b"\n") if isinstance(part, bytes) else part
                yield lot_of(list(self._rows(lines)))

    def _parted(self, piece: Piece) -> Iterator[Piece]:
        """Part the first lines from the others: who speaks while reading waits for them."""
        lines = piece.split(b"\n", FIRST_ROWS) if isinstance(piece, bytes) else piece
        first, self._first = self._first, False
        if not first or len(lines) <= FIRST_ROWS:
            yield piece
        elif isinstance(piece, bytes):
            yield b"\n".join(lines[:FIRST_ROWS])  # type: ignore[arg-type] # of a piece of bytes
            yield lines[FIRST_ROWS]  # type: ignore[misc] # as above
        else:
            yield piece[:FIRST_ROWS]
            yield piece[FIRST_ROWS:]

    def _plainly(self, piece: bytes) -> Lot | None:
        """Read lines by one look; None where something in them is not so simple."""
        if self._plain is None:
            return None
        lines = piece
        if b"\r" in lines:
            lines = lines.replace(b"\r\n", b"\n").removesuffix(b"\r")
            if b"\r" in lines:
                return None
        try:
            raws = lines.decode().split("\n")
        except UnicodeDecodeError:
            return None
        # Bytes are written small where they are ASCII alone, and only such a name is plain.
        names = self._plain.findall(lines.lower())
        odd = {}
        if b"" in names:
            places = [at for at, name in enumerate(names) if not name]
            rows = self._rows([raws[at].encode() for at in places])
            odd = dict(zip(places, rows, strict=True))
            for at, row in odd.items():
                raws[at] = as_text(row.raw)
        return Lot(raws, self._layout.kind, names, odd)

    def rows(self) -> Iterator[Row]:
        """Give every line as a row."""
        for lot in self.lots():
            yield from (lot.row(place) for place in range(len(lot.raws)))

    def _rows(self, lines: Iterable[bytes | None]) -> Iterator[Row]:
        """Read lines one by one; one that is too long, torn or uneven has no text."""
        delimiter, width = self._layout.delimiter, len(self._layout.header)
        at, kind = self._layout.at, self._layout.kind
        empty = Row(delimiter.encode() * (width - 1), None)
        # What making a Row does, without a call of ours for each line.
        new, carried = tuple.__new__, self._carried
        for line in lines:
            if line is None:
                yield empty
                continue
            raw = line.removesuffix(b"\r")
            try:
                text = raw.decode()
            except UnicodeDecodeError:
                yield _as_it_came(empty, raw, delimiter, width)
                continue
            cells = _cells(text, delimiter) if '"' in text else text.split(delimiter)
            if len(cells) == width:
                yield new(Row, (raw, cells[at], kind, cells if carried else ()))
            elif len(cells) < width:
                missing = width - max(1, len(cells))
                asked = cells[at] if at < len(cells) else None
                cells = [*cells, *[""] * missing]
                yield Row(raw + delimiter.encode() * missing, asked, kind, cells)
            else:
                yield Row(_line(cells[:width], delimiter), None, kind, cells[:width])


def _plain_lines(layout: Layout) -> re.Pattern[bytes] | None:
    """Write a pattern of one line that finds the name in it, or nothing where it is odd.

    What it finds is read by `identify`, written small, to the same result; no quantifier in it
    ever gives back what it took, so that each line is looked at once.
    """
    name = _NAMES.get(layout.kind)
    if name is None:
        return None
    mark = re.escape(layout.delimiter.encode())
    before = b"(?:[^%b\\n]*+%b){%d}" % (mark, mark, layout.at)
    after = b"(?:%b[^%b\\n]*+){%d}" % (mark, mark, len(layout.header) - layout.at - 1)
    return re.compile(b"(?m)^(?:%b(%b)%b|.*)$" % (before, name, after))


def _as_it_came(empty: Row, raw: bytes, delimiter: str, width: int) -> Row:
    """Carry a line that is not UTF-8 through as it came, where its columns still stand."""
    return Row(raw, None) if raw.count(delimiter.encode()) == width - 1 else empty


def _line(cells: Sequence[str], delimiter: str) -> bytes:
    return delimiter.join(map(_cell, cells)).encode()


def _cell(text: str) -> str:
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if _QUOTED.search(text) else text


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
        newline = self._layout.newline.decode()
        delimiter = self._layout.delimiter
        heads = {name: self._said(answer, 3) + delimiter for name, answer in alike.items()}
        if delimiter != ",":
            tails = [tail.replace(",", delimiter) for tail in tails]
        if only is None and not whole:
            lines = [
                f"{raw}{heads[name]}{tail}{newline}"
                for raw, name, tail in zip(lot.raws, classes, tails, strict=True)
            ]
        else:
            lines = [
                f"{lot.raws[at]}{self._said(whole[at], len(FIELDS))}{newline}"
                if at in whole
                else f"{lot.raws[at]}{heads[classes[at]]}{tails[at]}{newline}"
                for at in answered.places(only)
            ]
        return as_bytes("".join(lines))

    def _said(self, answer: Answer, columns: int) -> str:
        texts = ["true" if answer.allowed else "false", *map(str, answer[1:columns])]
        return self._layout.delimiter + self._layout.delimiter.join(texts)

    def end(self, clearance: str) -> bytes:
        """Write nothing: a table's last line would be taken for a person."""
        return b""
