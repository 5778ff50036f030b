"""Publishing: the log as strangers read it, by the paths of C2SP's tlog-tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..db import Sql
from ..problems import NotFound
from .entry import Entry, entry_bytes
from .integrate import DamagedLogError
from .merkle import HASH_SIZE
from .signer import MAIN_LOG, RESUMED
from .stored import read_head, read_tiles
from .tile_cache import Served
from .tiles import HEIGHT, WIDTH, TileId, entry_bundle
from .witness.kept import cosignatures, cosigned_note, latest_cosigned

if TYPE_CHECKING:
    from ..db import Transaction
    from .tiles import TilePath

_ENTRIES: Final = Sql(
    "SELECT minute, commitment FROM ledger_entry"
    " WHERE log = :log AND place >= :start AND place < :end ORDER BY place"
)


def published_checkpoint(tx: Transaction, log: str) -> str:
    """Give the signed head of a log, with what witnesses signed over it meanwhile.

    Raises NotFound before the first one.
    """
    head = read_head(tx, log)
    if head is None:
        raise NotFound
    return _with_lines(tx, head.checkpoint, head.origin, head.size)


def cosigned_checkpoint(tx: Transaction, log: str) -> str:
    """Give the last checkpoint of a log that a witness cosigned; raises NotFound without."""
    head = read_head(tx, log)
    size = latest_cosigned(tx, head.origin) if head else None
    if head is None or size is None:
        raise NotFound
    return _with_lines(tx, cosigned_note(tx, head.origin, size), head.origin, size)


def _with_lines(tx: Transaction, note: str, origin: str, size: int) -> str:
    return note + "".join(each.line for each in cosignatures(tx, origin, size))


def published_log(tx: Transaction, name: str) -> str:
    """Give the log that stands under a name in an address: its own, or what it resumed as.

    A log that went on under another name has that name's addresses too, and under them no
    tile of the history that ended was ever served.
    """
    head = read_head(tx, MAIN_LOG) if name.startswith(RESUMED.strip("/")) else None
    return MAIN_LOG if head is not None and head.origin.endswith(f"/{name}") else name


def published_tile(tx: Transaction, log: str, tile: TilePath) -> Served:
    """Give a tile that the signed head covers; raises NotFound for others."""
    head = read_head(tx, log)
    start, end = tile.number * WIDTH, tile.number * WIDTH + tile.width
    if head is None or end > head.size >> HEIGHT * (tile.level or 0):
        raise NotFound
    if tile.level is None:
        return Served(_entries(tx, log, start, end), RESUMED not in head.origin)
    name = TileId(tile.level, tile.number)
    hashes = read_tiles(tx, log, [name]).get(name, b"")[: tile.width * HASH_SIZE]
    if len(hashes) != tile.width * HASH_SIZE:
        raise DamagedLogError(f"tile {tile.level}/{tile.number} of {log!r} is not whole")
    return Served(hashes, RESUMED not in head.origin)


def _entries(tx: Transaction, log: str, start: int, end: int) -> bytes:
    rows = tx.run(_ENTRIES, {"log": log, "start": start, "end": end})
    if len(rows) != end - start:
        raise DamagedLogError(f"entries {start} to {end} of {log!r} are not all there")
    return entry_bundle(entry_bytes(Entry(commitment, minute)) for minute, commitment in rows)
