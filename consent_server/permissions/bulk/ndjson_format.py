"""NDJSON: one object a line, carried through whole, with the answer's members added."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from ...db import to_json
from .lots import FIRST_ROWS
from .rows import FIELDS, KINDS, Answer, Row, lot_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .intake import Piece
    from .rows import Answered, Lot

MEDIA: Final = "application/x-ndjson"
_NOT_READ: Final = b"{}"
# Rows of a megabyte each are put together one by one.
_AT_ONCE: Final = 50


class NdjsonReader:
    """Reads objects that name one identifier, plainly or under `subject`."""

    def __init__(self, pieces: Iterable[Piece], identifier: str | None = None) -> None:
        self.pieces = pieces
        self._kinds = (identifier,) if identifier else KINDS

    def lots(self) -> Iterator[Lot]:
        """Give every line; blank lines are none."""
        return _together(self.rows(), FIRST_ROWS)

    def read(self, pieces: Iterable[Piece]) -> Iterator[Lot]:
        """Read pieces, whichever they are."""
        return _together(self._rows(pieces), _AT_ONCE)

    def rows(self) -> Iterator[Row]:
        """Give every line as a row; blank lines are none."""
        return self._rows(self.pieces)

    def _rows(self, pieces: Iterable[Piece]) -> Iterator[Row]:
        for piece in pieces:
            for line in piece.split(b"\n") if isinstance(piece, bytes) else piece:
                if line is None:
                    yield Row(_NOT_READ, None)
                    continue
                raw = line.strip()
                if raw:
                    yield self._row(raw)

    def _row(self, raw: bytes) -> Row:
        try:
            told = json.loads(raw.decode())
        except (ValueError, RecursionError):
            return Row(_NOT_READ, None)
        if not isinstance(told, dict):
            return Row(_NOT_READ, None)
        if not told.keys().isdisjoint(FIELDS):
            # The answer's own members are ours to say.
            told = {name: value for name, value in told.items() if name not in FIELDS}
            raw = to_json(told).encode("utf-8", "surrogatepass")
        kind, text = self._asked(told)
        return Row(raw, text, kind)

    def _asked(self, told: dict[str, Any]) -> tuple[str, str | None]:
        subject = told.get("subject")
        where = subject if isinstance(subject, dict) else told
        named = [kind for kind in self._kinds if kind in where]
        if len(named) != 1 or not isinstance(where[named[0]], str):
            return "", None
        return named[0], where[named[0]]


def _together(rows: Iterator[Row], first: int) -> Iterator[Lot]:
    most = first
    while several := list(islice(rows, most)):
        yield lot_of(several)
        most = _AT_ONCE


class NdjsonWriter:
    """Writes each object with its answer; those of a table by the names of its columns."""

    media = MEDIA

    def __init__(self, columns: Sequence[str] = ()) -> None:
        self._columns = [name for name in columns if name not in FIELDS]
        self._at = [at for at, name in enumerate(columns) if name not in FIELDS]

    def begin(self) -> bytes:
        """Write nothing: lines are named by themselves."""
        return b""

    def lines(self, answered: Answered, only: str | None = None) -> bytes:
        """Write lines with their answers; `only` those allowed, or denied."""
        lot = answered.lot
        places = answered.places(only).tolist()
        return b"".join([self._line(lot.row(at), answered.at(at)) for at in places])

    def _line(self, row: Row, answer: Answer) -> bytes:
        said = {name: value or None for name, value in zip(FIELDS, answer, strict=True)}
        said["allowed"] = answer.allowed
        more = to_json(said).encode()
        body = self._object(row)
        return (more if body == b"{}" else body[:-1].rstrip() + b"," + more[1:]) + b"\n"

    def _object(self, row: Row) -> bytes:
        if not self._columns:
            return b"{}" if row.raw[1:-1].strip() == b"" else row.raw
        if not row.cells:
            return b"{}"
        cells = (row.cells[at] for at in self._at)
        return to_json(dict(zip(self._columns, cells, strict=True))).encode()

    def end(self, clearance: str) -> bytes:
        """Repeat the clearance, so that a reader of lines needs no second call."""
        return b'{"clearance":' + clearance.encode() + b"}\n"
