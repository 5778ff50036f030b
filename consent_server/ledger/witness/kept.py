"""What witnesses signed of our log: read for the checkpoint, for proofs, for whoever looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ...db import Sql

if TYPE_CHECKING:
    from ...db import Transaction

_OVER: Final = Sql(
    "SELECT witness, line, cosigned_at FROM ledger_cosignature"
    " WHERE origin = :origin AND size = :size ORDER BY witness"
)
_FIRST_OVER: Final = Sql(
    "SELECT min(size) FROM ledger_cosignature WHERE origin = :origin AND size > :place"
)
_LATEST: Final = Sql("SELECT max(size) FROM ledger_cosignature WHERE origin = :origin")
_LAST_OF: Final = Sql(
    "SELECT size, cosigned_at FROM ledger_cosignature"
    " WHERE origin = :origin AND witness = :witness ORDER BY size DESC LIMIT 1"
)
_NOTE: Final = Sql(
    "SELECT checkpoint FROM ledger_cosignature WHERE origin = :origin AND size = :size LIMIT 1"
)


class Cosigned(NamedTuple):
    """What one witness signed: by which key, its line of the note, when (microseconds)."""

    witness: str
    line: str
    cosigned_at: int


def cosignatures(tx: Transaction, origin: str, size: int) -> list[Cosigned]:
    """Give every witness's signature over a checkpoint."""
    return [Cosigned(*row) for row in tx.run(_OVER, {"origin": origin, "size": size})]


def first_cosigned(tx: Transaction, origin: str, place: int) -> int | None:
    """Give the size of the first cosigned checkpoint that covers an entry."""
    size: int | None = tx.run(_FIRST_OVER, {"origin": origin, "place": place})[0][0]
    return size


def latest_cosigned(tx: Transaction, origin: str) -> int | None:
    """Give the size of the last checkpoint that a witness cosigned."""
    size: int | None = tx.run(_LATEST, {"origin": origin})[0][0]
    return size


def last_of(tx: Transaction, origin: str, witness: str) -> tuple[int, int] | None:
    """Tell how far a witness has cosigned, and when it last did."""
    rows = tx.run(_LAST_OF, {"origin": origin, "witness": witness})
    return (rows[0][0], rows[0][1]) if rows else None


def cosigned_note(tx: Transaction, origin: str, size: int) -> str:
    """Give a checkpoint that was cosigned, as the log signed it."""
    note: str = tx.run(_NOTE, {"origin": origin, "size": size})[0][0]
    return note
