"""Reading CSV: plain lines by one look at thousands of them, all others one by one."""

from __future__ import annotations

import csv
import re
from binascii import unhexlify
from typing import TYPE_CHECKING, Final

from ...subjects.identifiers import COMMON_LENGTH, COMMON_SMALL
from .columns import Texts, letters, lines_of, np, texts_of
from .csv_format import QUOTED, cells_of
from .lots import FIRST_ROWS
from .rows import Lot, Row, lot_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .csv_format import Layout
    from .intake import Piece

_LETTERS: Final = 64
_SHA256: Final = rb"[0-9a-f]{%d}" % _LETTERS
_ZEROS: Final = b"0" * _LETTERS
_NAMES: Final = {"email": COMMON_SMALL, "sha256_email": _SHA256, "sha256_phone": _SHA256}


class CsvReader:
    """Reads the lines after a header."""

    def __init__(
        self, layout: Layout, pieces: Iterable[Piece], *, carried: bool = True
    ) -> None:
        self._layout = layout
        self.pieces = pieces
        # Whether the writer needs the cells of a row beside the row itself.
        self._carried = carried
        self._plain = None if carried else _plain_lines(layout)
        # Names of one length at the beginning of each line need not be looked for.
        self._hashed = layout.at == 0 and _NAMES.get(layout.kind) == _SHA256
        self._first = True

    def lots(self) -> Iterator[Lot]:
        """Give every line, those that are plain by one look at many of them."""
        for piece in self.pieces:
            yield from self.read(self._parted(piece))

    def read(self, pieces: Iterable[Piece]) -> Iterator[Lot]:
        """Read pieces, whichever they are, each as a lot."""
        for piece in pieces:
            plain = self._plainly(piece) if isinstance(piece, bytes) else None
            if plain is not None:
                yield plain
                continue
            lines = piece.split(b"\n") if isinstance(piece, bytes) else piece
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
        plain, text = self._plain, _flat(piece)
        if plain is None or text is None:
            return None
        lines, kind = lines_of(text), self._layout.kind
        if self._hashed and (digests := self._digests(lines)) is not None:
            return Lot(lines, kind, [], digests, {})
        names = _found(plain, text)
        odd = {}
        if b"" in names:
            places = [at for at, name in enumerate(names) if not name]
            odd = dict(zip(places, self._rows(map(lines.at, places)), strict=True))
            lines = _replaced(lines, odd)
        if _NAMES[kind] != _SHA256:
            return Lot(lines, kind, names, b"", odd)
        hashes = unhexlify(b"".join([name or _ZEROS for name in names]))
        return Lot(lines, kind, [], hashes, odd)

    def _digests(self, lines: Texts) -> bytes | None:
        """Read the hashes that lines begin with; None unless all of them are plain."""
        text, begins, ends = lines
        if (ends - begins).min() < _LETTERS or not self._are_even(lines):
            return None
        try:
            return unhexlify(letters(text, begins, _LETTERS).tobytes())
        except ValueError:
            return None

    def _are_even(self, lines: Texts) -> bool:
        """Tell whether lines have a hash's length first, and as many columns as the header."""
        text, begins, ends = lines
        more = len(self._layout.header) - 1
        mark = ord(self._layout.delimiter if more else "\n")
        signs = np.frombuffer(text + b"\n", np.uint8)
        if (signs[begins + _LETTERS] != mark).any():
            return False
        marks = np.searchsorted(ends, np.flatnonzero(signs == mark))
        found = np.bincount(marks, minlength=len(ends))
        return bool((found == (more or 1)).all())

    def rows(self) -> Iterator[Row]:
        """Give every line as a row."""
        for lot in self.lots():
            yield from map(lot.row, range(lot.size))

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
            try:
                cells = cells_of(text, delimiter) if '"' in text else text.split(delimiter)
            except csv.Error:
                # A carriage return in the middle of it.
                yield _as_it_came(empty, raw, delimiter, width)
                continue
            if len(cells) == width:
                yield new(Row, (raw, cells[at], kind, cells if carried else ()))
            elif len(cells) < width:
                missing = width - max(1, len(cells))
                asked = cells[at] if at < len(cells) else None
                cells = [*cells, *[""] * missing]
                yield Row(raw + delimiter.encode() * missing, asked, kind, cells)
            else:
                yield Row(_line(cells[:width], delimiter), None, kind, cells[:width])


def _flat(piece: bytes) -> bytes | None:
    """Give lines with plain ends; None where they are not so simple, or no text."""
    text = piece
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").removesuffix(b"\r")
    try:
        # What is ASCII alone is text without being read.
        _ = text.isascii() or text.decode()
    except UnicodeDecodeError:
        return None
    return None if b"\r" in text else text


def _replaced(lines: Texts, odd: Mapping[int, Row]) -> Texts:
    """Put rows in the place of the lines they were read from: some are carried otherwise."""
    others, places = texts_of([row.raw for row in odd.values()]), list(odd)
    begins, ends, start = lines.begins.copy(), lines.ends.copy(), len(lines.text)
    begins[places], ends[places] = others.begins + start, others.ends + start
    return Texts(lines.text + others.text, begins, ends)


def _found(plain: re.Pattern[bytes], lines: bytes) -> list[bytes]:
    # Bytes are written small where they are ASCII alone, and only such a name is plain.
    names: list[bytes] = plain.findall(lines.lower())
    if max(map(len, names)) > COMMON_LENGTH:
        names = [name if len(name) <= COMMON_LENGTH else b"" for name in names]
    return names


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
    """Carry a line that is no row through as it came, where its columns still stand."""
    return Row(raw, None) if raw.count(delimiter.encode()) == width - 1 else empty


def _line(cells: Sequence[str], delimiter: str) -> bytes:
    return delimiter.join(map(_cell, cells)).encode()


def _cell(text: str) -> str:
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if QUOTED.search(text) else text
