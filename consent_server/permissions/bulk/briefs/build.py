"""Building: all briefs of an organisation, made in one order and written in another.

Facts lie in the order of subjects, briefs in that of their numbers, which is by chance. To
write each where it belongs as it is made would touch a page of the disk for each; so they
are put aside first, in 256 parts, and each part is written when all of them are made. How
far that is stands in the database: whoever is killed, or meets another, goes on from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ....db import Sql
from .make import agreed
from .reached import BEGINNING
from .write import PARTS, replace_part, take_part

if TYPE_CHECKING:
    from ....db import Transaction

# Subjects, and at least so many briefs, a transaction: on SQLite a decision waits for it.
SUBJECTS: Final = 5_000
_BRIEFS: Final = 20_000
NEXT: Final = Sql(
    "SELECT id FROM subject WHERE organisation_id = :organisation AND id > :after"
    " ORDER BY id LIMIT :most"
)
_NUMBER_BYTES: Final = 8


class Cursor(NamedTuple):
    """How far a building is: the last subject, then the next part."""

    writing: bool
    at: int

    def write(self) -> bytes:
        """Write it as it is kept."""
        return b"gw"[self.writing : self.writing + 1] + self.at.to_bytes(
            _NUMBER_BYTES, "big", signed=True
        )


def read_cursor(built: bytes) -> Cursor:
    """Read one as it was kept."""
    if built == BEGINNING:
        return Cursor(writing=False, at=0)
    return Cursor(built[:1] == b"w", int.from_bytes(built[1:], "big", signed=True))


FIRST_PART: Final = Cursor(writing=True, at=-PARTS // 2)


def write_parts(tx: Transaction, organisation: int, first: int) -> int | None:
    """Write some parts, from one on; gives the next one, or None after the last."""
    written = 0
    for part in range(first, PARTS // 2):
        if written >= _BRIEFS:
            return part
        briefs = agreed(take_part(tx, organisation, part))
        replace_part(tx, organisation, part, briefs)
        written += len(briefs)
    return None
