"""The tree as the database holds it: heads, tiles, and what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from ..db import Sql, to_json
from .tiles import TileId

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ..db import Transaction

T = TypeVar("T", str, int)


class StoredHead(NamedTuple):
    """How far a log has grown, and the checkpoint that says so."""

    log: str
    origin: str
    size: int
    root: bytes
    checkpoint: str
    signed_at: int


_HEAD: Final = Sql(
    "SELECT log, origin, size, root, checkpoint, signed_at FROM ledger_head WHERE log = :log"
)
# A subquery, because neither driver takes a list of pairs.
_TILES: Final = Sql(
    "SELECT level, number, hashes FROM ledger_tile"
    " WHERE log = :log AND (level, number) IN"
    " (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]')"
    " FROM json_each(:names))",
    "SELECT level, number, hashes FROM ledger_tile"
    " WHERE log = :log AND (level, number) IN"
    " (SELECT * FROM unnest(:levels::bigint[], :numbers::bigint[]))",
)


def read_head(tx: Transaction, log: str) -> StoredHead | None:
    """Read a log's head; None for a log that has integrated nothing yet."""
    rows = tx.run(_HEAD, {"log": log})
    return StoredHead(*rows[0]) if rows else None


def read_tiles(
    tx: Transaction, log: str, names: Collection[tuple[int, int]]
) -> dict[TileId, bytes]:
    """Read the tiles of these names, those that exist, in one query."""
    if not names:
        return {}
    pairs = list(names)
    values: dict[str, object] = {"log": log, "names": to_json(pairs)}
    if tx.postgresql:
        levels, numbers = zip(*pairs, strict=True)
        values |= {"levels": list(levels), "numbers": list(numbers)}
    return {TileId(level, number): hashes for level, number, hashes in tx.run(_TILES, values)}


# Asked again and again from the last answer: each is one step down an index, where
# DISTINCT would walk all of it.
_HEADED: Final = Sql("SELECT log FROM ledger_head")
_NEXT_WAITING: Final = Sql("SELECT min(log) FROM ledger_pending WHERE log > :after")
_NEXT_LOG: Final = Sql("SELECT min(log) FROM ledger_entry WHERE log > :after")
_NEXT_ORGANISATION: Final = Sql(
    "SELECT min(organisation_id) FROM ledger_entry WHERE organisation_id > :after"
)
_NEXT_WAITING_ORGANISATION: Final = Sql(
    "SELECT min(organisation_id) FROM ledger_pending WHERE organisation_id > :after"
)


def logs_waiting(tx: Transaction) -> Iterator[str]:
    """Name the logs that have pending entries."""
    return _distinct(tx, _NEXT_WAITING, "")


def logs(tx: Transaction) -> list[str]:
    """Name the logs that have entries or a head."""
    headed = [name for (name,) in tx.run(_HEADED)]
    return sorted({*headed, *_distinct(tx, _NEXT_LOG, "")})


def organisations(tx: Transaction) -> list[int]:
    """Name the organisations that have entries, placed or waiting."""
    placed = _distinct(tx, _NEXT_ORGANISATION, 0)
    return sorted({*placed, *_distinct(tx, _NEXT_WAITING_ORGANISATION, 0)})


def _distinct(tx: Transaction, following: Sql, after: T) -> Iterator[T]:
    while (found := tx.run(following, {"after": after})[0][0]) is not None:
        yield found
        after = found
