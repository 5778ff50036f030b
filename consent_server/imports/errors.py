"""The errors file: which line, which column, what is wrong and what would be right.

It names nobody and repeats no cell, so it lies as it is. What is true of it is counted with
the cursor: what a crash left behind that is cut off.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from .rules.reasons import REASONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from .parted import Outcome

HEADER: Final = ("line", "column", "code", "means", "right")
_PIECE: Final = 64 * 1024


class ErrorsFile:
    """One import's errors, one a line."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, true: int, outcomes: Sequence[Outcome]) -> int:
        """Add the refused rows after what is true; gives how much is true then."""
        faults = [(each.line, each.fault) for each in outcomes if each.fault is not None]
        if not faults:
            return true
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        if not true:
            writer.writerow(HEADER)
        for line, fault in faults:
            means = REASONS.get(fault.code, "")
            writer.writerow((line, fault.column, fault.code, means, fault.right))
        self.path.touch(mode=0o600)
        with self.path.open("r+b") as file:
            file.truncate(true)
            file.seek(true)
            file.write(text.getvalue().encode())
            return file.tell()

    def read(self, true: int) -> Iterator[bytes]:
        """Give what is true of it, piece by piece."""
        if not true:
            yield (",".join(HEADER) + "\r\n").encode()
            return
        with self.path.open("rb") as file:
            while true and (piece := file.read(min(_PIECE, true))):
                true -= len(piece)
                yield piece
