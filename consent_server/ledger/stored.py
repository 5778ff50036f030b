"""The tree as the database holds it: heads, tiles, and what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ..db import Sql, to_json
from .tiles import TileId

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ..db import Transaction


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


def _next_name(table: str) -> Sql:
    # Asked again and again from the last answer: each is one step down an index, where
    # DISTINCT would walk all of it.
    return Sql(f"SELECT min(log) FROM {table} WHERE log > :after")  # noqa: S608 - our own names


_NEXT_WAITING: Final = _next_name("ledger_pending")
_NEXT_HEAD: Final = _next_name("ledger_head")


def logs_waiting(tx: Transaction) -> Iterator[str]:
    """Name the logs that have pending entries."""
    return _names(tx, _NEXT_WAITING)


def logs(tx: Transaction) -> Iterator[str]:
    """Name the logs that have a head."""
    return _names(tx, _NEXT_HEAD)


def _names(tx: Transaction, following: Sql) -> Iterator[str]:
    after = ""
    while (name := tx.run(following, {"after": after})[0][0]) is not None:
        yield name
        after = name
