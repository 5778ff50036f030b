"""Integrating: one prepared batch enters the log, whole or not at all.

On PostgreSQL pending rows are read, and leaves written, in separate plain statements
that each name one organisation or one log: Citus can distribute nothing cleverer
(design.md §10).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from ..db import Sql, to_json
from .checkpoint import Checkpoint
from .entry import Entry, entry_leaf
from .merkle import EMPTY_ROOT, root_hash
from .stored import StoredHead, read_head, read_tiles
from .tiles import Appended, append_leaves, edge_tiles, reader_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..db import Transaction
    from .signer import LogSigner

_MICROS_PER_HOUR: Final = 3_600_000_000


class Waiting(NamedTuple):
    """A pending entry."""

    organisation: int
    record: int
    minute: int
    commitment: bytes
    announced: int


@dataclass(frozen=True)
class Prepared:
    """A batch in its order, and the tree as it will be: good only on top of this head."""

    head: StoredHead
    waiting: list[Waiting]
    appended: Appended


class Overtaken(Exception):
    """Another sequencer has moved the head meanwhile; nothing was written."""


class DamagedLogError(Exception):
    """What the database gives back is not what was put in: nothing is signed over it."""


def integrate(tx: Transaction, batch: Prepared, *, signer: LogSigner, now: int) -> str:
    """Write a batch and sign the new head, in the caller's transaction; gives the note."""
    head = batch.head
    if (read_head(tx, head.log) or unborn(head.log, head.origin))[2:4] != head[2:4]:
        raise Overtaken
    _write_entries(tx, batch)
    _write_tiles(tx, batch)
    _recheck(tx, batch, taken=_take(tx, batch.waiting))
    checkpoint = Checkpoint(head.origin, batch.appended.size, batch.appended.root)
    note = signer.sign(checkpoint)
    _move_head(tx, head, StoredHead(head.log, *_fields(checkpoint), note, now))
    return note


def unborn(log: str, origin: str) -> StoredHead:
    """Give the head of a log that has integrated nothing yet."""
    return StoredHead(log, origin, 0, EMPTY_ROOT, "", 0)


def _fields(checkpoint: Checkpoint) -> tuple[str, int, bytes]:
    return checkpoint.origin, checkpoint.size, checkpoint.root


# ------------------------------------------------------------------- places and numbers

_ENTRY_COLUMNS: Final = (
    "place",
    "organisation_id",
    "record_id",
    "minute",
    "commitment",
    "first_seq",
    "announced",
)
_WRITE_ENTRIES: Final = Sql(
    "INSERT INTO ledger_entry (log, place, organisation_id, record_id, minute, commitment,"
    " first_seq, announced) VALUES (:log, :place, :organisation_id, :record_id, :minute,"
    " :commitment, :first_seq, :announced)",
    "INSERT INTO ledger_entry (log, place, organisation_id, record_id, minute, commitment,"
    " first_seq, announced) SELECT :log, * FROM unnest(:place::bigint[],"
    " :organisation_id::bigint[], :record_id::bigint[], :minute::bigint[],"
    " :commitment::bytea[], :first_seq::bigint[], :announced::bigint[])",
)
_RESERVE: Final = Sql(
    "INSERT INTO ledger_feed (organisation_id, next_seq) VALUES (:organisation, 1 + :count)"
    " ON CONFLICT (organisation_id)"
    " DO UPDATE SET next_seq = ledger_feed.next_seq + :count RETURNING next_seq"
)


def _write_entries(tx: Transaction, batch: Prepared) -> None:
    rows = list(_numbered(tx, batch))
    if tx.postgresql:
        columns = zip(_ENTRY_COLUMNS, map(list, zip(*rows, strict=True)), strict=True)
        tx.run(_WRITE_ENTRIES, {"log": batch.head.log, **dict(columns)})
        return
    tx.run_many(
        _WRITE_ENTRIES,
        [
            {"log": batch.head.log, **dict(zip(_ENTRY_COLUMNS, row, strict=True))}
            for row in rows
        ],
    )


def _numbered(tx: Transaction, batch: Prepared) -> Iterator[tuple[object, ...]]:
    free = _reserve(tx, batch.waiting)
    for place, each in enumerate(batch.waiting, batch.head.size):
        first = free[each.organisation] if each.announced else 0
        free[each.organisation] += each.announced
        yield (place, *each[:4], first, each.announced)


def _reserve(tx: Transaction, waiting: Iterable[Waiting]) -> Counter[int]:
    """Take as many feed numbers as each organisation announces; gives the first ones."""
    counts: Counter[int] = Counter()
    for each in waiting:
        counts[each.organisation] += each.announced
    first: Counter[int] = Counter()
    # In one order, so that two logs that should share an organisation could not deadlock.
    for organisation, count in sorted(counts.items()):
        if count:
            values = {"organisation": organisation, "count": count}
            first[organisation] = tx.run(_RESERVE, values)[0][0] - count
    return first


# -------------------------------------------------------------------------------- tiles

_WRITE_TILE: Final = Sql(
    "INSERT INTO ledger_tile (log, level, number, hashes)"
    " VALUES (:log, :level, :number, :hashes)"
    " ON CONFLICT (log, level, number) DO UPDATE SET hashes = excluded.hashes"
)


def _write_tiles(tx: Transaction, batch: Prepared) -> None:
    tx.run_many(
        _WRITE_TILE,
        [
            {"log": batch.head.log, "level": level, "number": number, "hashes": hashes}
            for (level, number), hashes in batch.appended.tiles.items()
        ],
    )


# ------------------------------------------------------- what waited, and the self-check

_TAKE: Final = Sql(
    "DELETE FROM ledger_pending WHERE organisation_id = :organisation"
    " AND record_id IN (SELECT value FROM json_each(:records))"
    " RETURNING organisation_id, record_id, minute, commitment, announced",
    "DELETE FROM ledger_pending WHERE organisation_id = :organisation"
    " AND record_id = ANY(:records::bigint[])"
    " RETURNING organisation_id, record_id, minute, commitment, announced",
)
_PLACED: Final = Sql(
    "SELECT place, organisation_id, record_id, minute, commitment, announced"
    " FROM ledger_entry WHERE log = :log AND place >= :size ORDER BY place"
)


def _take(tx: Transaction, waiting: Iterable[Waiting]) -> set[Waiting]:
    """Remove what waited; gives it once more, as the database held it."""
    records: defaultdict[int, list[int]] = defaultdict(list)
    for each in waiting:
        records[each.organisation].append(each.record)
    taken: set[Waiting] = set()
    for organisation, ids in records.items():
        values = {
            "organisation": organisation,
            "records": ids if tx.postgresql else to_json(ids),
        }
        taken.update(Waiting(*row) for row in tx.run(_TAKE, values))
    return taken


def _recheck(tx: Transaction, batch: Prepared, *, taken: set[Waiting]) -> None:
    """Build the new head a second time, from stored bytes alone, before it is signed.

    A bit that flips in memory between hashing and signing would end the log for good:
    a public log was retired for one (security.md, test 115).
    """
    size = batch.head.size
    rows = tx.run(_PLACED, {"log": batch.head.log, "size": size})
    placed = [Waiting(*row[1:]) for row in rows]
    if [row[0] for row in rows] != list(range(size, batch.appended.size)):
        raise DamagedLogError("the places just written are not the next ones")
    if len(taken) != len(placed) or not taken.issuperset(placed):
        raise DamagedLogError("the entries just written are not those that waited")
    leaves = [entry_leaf(Entry(each.commitment, each.minute)) for each in placed]
    edge = edge_tiles(size)
    stored = read_tiles(tx, batch.head.log, {*edge, *batch.appended.tiles})
    if size and root_hash(reader_of(stored), size) != batch.head.root:
        raise DamagedLogError("the tree no longer leads to the root that was signed")
    again = append_leaves(size, {name: stored[name] for name in edge}, leaves)
    written = {name: stored.get(name) for name in batch.appended.tiles}
    if (again.root, again.tiles) != (batch.appended.root, written):
        raise DamagedLogError("the tree just written is not that of the entries")


# --------------------------------------------------------------------------------- head

_FIRST_HEAD: Final = Sql(
    "INSERT INTO ledger_head (log, origin, size, root, checkpoint, signed_at)"
    " VALUES (:log, :origin, :size, :root, :checkpoint, :signed_at)"
    " ON CONFLICT (log) DO NOTHING RETURNING size"
)
_NEXT_HEAD: Final = Sql(
    "UPDATE ledger_head SET size = :size, root = :root, checkpoint = :checkpoint,"
    " signed_at = :signed_at"
    " WHERE log = :log AND size = :old_size AND root = :old_root RETURNING size"
)
_KEEP: Final = Sql(
    "INSERT INTO ledger_checkpoint (log, size, checkpoint, signed_at, because)"
    " VALUES (:log, :size, :checkpoint, :signed_at, 'published')"
)
_LAST_OF_HOUR: Final = Sql(
    "UPDATE ledger_checkpoint SET because = 'hour' WHERE log = :log AND size = :size"
)


def _move_head(tx: Transaction, old: StoredHead, new: StoredHead) -> None:
    values = {**new._asdict(), "old_size": old.size, "old_root": old.root}
    if not tx.run(_NEXT_HEAD if old.size else _FIRST_HEAD, values):
        raise Overtaken
    # Whoever asked while this was the head has it, and no asking is written down: so
    # every published checkpoint is one that was handed out.
    tx.run(_KEEP, values)
    if old.signed_at // _MICROS_PER_HOUR != new.signed_at // _MICROS_PER_HOUR:
        tx.run(_LAST_OF_HOUR, {"log": old.log, "size": old.size})
