"""Checking a log: every leaf, tile and root is derived again from the entries and compared.

Memory stays flat: entries are read in pages, and of the tree only its right edge is held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ..db import Sql
from .entry import Entry, entry_leaf
from .merkle import EMPTY_ROOT, node_hash
from .signer import RefusedToSign, refuse_rollback
from .stored import StoredHead, read_head, read_tiles
from .tiles import HEIGHT, TILE_BYTES, WIDTH, TileId

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..db import Transaction
    from .signer import LogSigner

PAGE: Final = 64 * WIDTH


class Finding(NamedTuple):
    """Something that is not as it must be: what, where, and in words."""

    code: str
    where: str
    detail: str

    def __str__(self) -> str:
        return f"{self.where}: {self.code}: {self.detail}"


def no_progress(_count: int) -> None:
    """Tell nobody how far a check has come."""


_PAGE: Final = Sql(
    "SELECT place, minute, commitment FROM ledger_entry"
    " WHERE log = :log AND place >= :start AND place < :end ORDER BY place"
)
_BEYOND: Final = Sql(
    "SELECT count(*) FROM ledger_entry WHERE log = :log AND place >="
    " coalesce((SELECT size FROM ledger_head WHERE log = :log), 0)"
)
_KEPT: Final = Sql(
    "SELECT size, checkpoint FROM ledger_checkpoint"
    " WHERE log = :log AND size > :after AND size <= :size ORDER BY size LIMIT 1000"
)


def check_log(
    tx: Transaction,
    log: str,
    *,
    signer: LogSigner,
    progress: Callable[[int], None] = no_progress,
) -> Iterator[Finding]:
    """Derive a whole log again; gives what differs from what is stored, kept or guarded.

    `progress` hears how many entries have been checked since it was last told.
    """
    # The server, which never checks, carries no reader of stamps with it.
    from .check_outside import check_outside  # noqa: PLC0415

    guarded = signer.guard.highest(log)
    head = read_head(tx, log)
    try:
        refuse_rollback(tx, signer, log, head, guarded)
    except RefusedToSign as refusal:
        yield Finding("head", log, str(refusal))
    if head is not None:
        yield from _Walk(tx, head, signer, progress).run()
        for code, detail in check_outside(tx, head, signer):
            yield Finding(code, log, detail)
    (beyond,) = tx.run(_BEYOND, {"log": log})[0]
    if beyond:
        yield Finding("entry", log, f"{beyond} entries lie beyond the signed head")


class _Edge:
    """A tree that grows leaf by leaf and hands over each tile when it is full."""

    def __init__(self) -> None:
        self.size = 0
        self.rows: list[bytearray] = []
        self.full: dict[TileId, bytes] = {}
        self._nodes: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        place, level, node = self.size, 0, leaf
        self._keep(0, node, place)
        while place & 1:
            node = node_hash(self._nodes.pop(), node)
            place, level = place >> 1, level + 1
            if level % HEIGHT == 0:
                self._keep(level // HEIGHT, node, place)
        self._nodes.append(node)
        self.size += 1

    def root(self) -> bytes:
        if not self._nodes:
            return EMPTY_ROOT
        *rest, root = self._nodes
        for node in reversed(rest):
            root = node_hash(node, root)
        return root

    def partial(self) -> dict[TileId, bytes]:
        return {
            TileId(level, (self.size >> HEIGHT * level) // WIDTH): bytes(row)
            for level, row in enumerate(self.rows)
            if row
        }

    def _keep(self, level: int, node: bytes, place: int) -> None:
        if level == len(self.rows):
            self.rows.append(bytearray())
        row = self.rows[level]
        row += node
        if len(row) == TILE_BYTES:
            self.full[TileId(level, place // WIDTH)] = bytes(row)
            row.clear()


class _Walk:
    def __init__(
        self,
        tx: Transaction,
        head: StoredHead,
        signer: LogSigner,
        progress: Callable[[int], None],
    ) -> None:
        self.tx = tx
        self.head = head
        self.signer = signer
        self.progress = progress
        self.edge = _Edge()

    def run(self) -> Iterator[Finding]:
        kept = self._kept()
        due = next(kept, None)
        for start in range(0, self.head.size, PAGE):
            for place, leaf in self._leaves(start):
                if place != self.edge.size:
                    yield self._finding("entry", f"entry {self.edge.size} is missing")
                    return
                self.edge.add(leaf)
                if due is not None and due[0] == self.edge.size:
                    yield from self._compare_checkpoint(due[1])
                    due = next(kept, None)
            yield from self._compare_full_tiles()
        yield from self._compare_end()

    def _finding(self, code: str, detail: str) -> Finding:
        return Finding(code, self.head.log, detail)

    def _leaves(self, start: int) -> Iterator[tuple[int, bytes]]:
        end = min(start + PAGE, self.head.size)
        rows = self.tx.run(_PAGE, {"log": self.head.log, "start": start, "end": end})
        for place, minute, commitment in rows:
            yield place, entry_leaf(Entry(commitment, minute))
        self.progress(len(rows))

    def _kept(self) -> Iterator[tuple[int, str]]:
        values = {"log": self.head.log, "size": self.head.size, "after": 0}
        while rows := self.tx.run(_KEPT, values):
            yield from rows
            values["after"] = rows[-1][0]

    def _compare_checkpoint(self, note: str) -> Iterator[Finding]:
        size = self.edge.size
        try:
            signed = self.signer.open_kept(self.head.origin, note)
        except RefusedToSign as refusal:
            yield self._finding("checkpoint", f"the checkpoint kept of size {size}: {refusal}")
            return
        if (signed.size, signed.root) != (size, self.edge.root()):
            yield self._finding(
                "checkpoint", f"the first {size} entries are not those that were signed"
            )

    def _compare_full_tiles(self) -> Iterator[Finding]:
        stored = read_tiles(self.tx, self.head.log, self.edge.full.keys())
        for name, hashes in self.edge.full.items():
            if stored.get(name) != hashes:
                yield self._tile(name)
        self.edge.full.clear()

    def _compare_end(self) -> Iterator[Finding]:
        if self.edge.size != self.head.size:
            yield self._finding("entry", f"entry {self.edge.size} is missing")
            return
        if self.edge.root() != self.head.root:
            yield self._finding("root", "the entries do not lead to the root of the head")
        partial = self.edge.partial()
        stored = read_tiles(self.tx, self.head.log, partial.keys())
        # A sequencer at work may have lengthened them since the head was read.
        resting = read_head(self.tx, self.head.log) == self.head
        for name, hashes in partial.items():
            found = stored.get(name, b"")
            if (found if resting else found[: len(hashes)]) != hashes:
                yield self._tile(name)

    def _tile(self, name: TileId) -> Finding:
        return self._finding(
            "tile", f"tile {name.level}/{name.number} is not that of the entries"
        )
