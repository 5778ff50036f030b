"""Lots: lines put together to be asked about at once, few enough to be held in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .rows import DIGEST, Lot, joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .intake import Piece

LOT_ROWS: Final = 30_000
# One that is not plain is an object, and answered from more than its brief.
_ODD_AS: Final = 4
# A row may be long: a lot is never more than a few megabytes of them.
LOT_BYTES: Final = 4 * 1024 * 1024
# One that speaks while it reads answers its first lines at once.
FIRST_ROWS: Final = 100


def in_lots(parts: Iterable[Lot], first: int = FIRST_ROWS) -> Iterator[Lot]:
    """Put parts together: the first of a hundred lines, then each as long as a lot may be."""
    several: list[Lot] = []
    rows = size = 0
    most = first
    for part in parts:
        several.append(part)
        rows += part.size + (_ODD_AS - 1) * len(part.odd)
        size += len(part.lines.text)
        if rows >= most or size >= LOT_BYTES:
            yield joined(several)
            several, rows, size, most = [], 0, 0, LOT_ROWS
    if several:
        yield joined(several)


def portions(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """Put pieces together that are not read yet, a lot of lines at a time."""
    several: list[Piece] = []
    rows = size = 0
    for piece in pieces:
        several.append(piece)
        if isinstance(piece, bytes):
            rows += piece.count(b"\n") + 1
            size += len(piece)
        else:
            rows += len(piece)
            size += sum(len(line) for line in piece if line is not None)
        if rows >= LOT_ROWS or size >= LOT_BYTES:
            yield several
            several, rows, size = [], 0, 0
    if several:
        yield several


def parted(lot: Lot, first: int) -> tuple[Lot, Lot | None]:
    """Part the first lines of a lot from the others, if there are others."""
    rows = lot.size
    return (lot, None) if rows <= first else (_cut(lot, 0, first), _cut(lot, first, rows))


def _cut(lot: Lot, start: int, end: int) -> Lot:
    odd = {at - start: row for at, row in lot.odd.items() if start <= at < end}
    lines, digests = (
        lot.lines.among(slice(start, end)),
        lot.digests[DIGEST * start : DIGEST * end],
    )
    return Lot(lines, lot.kind, lot.names[start:end], digests, odd)
