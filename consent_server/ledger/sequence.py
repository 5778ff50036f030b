"""The sequencer: gives what waits its place in the log and its number in the feed.

Safe to run twice: a batch is prepared in a read, then written only if the head is still
the one it was prepared for. Writers never wait for it: they add rows that no batch has
seen yet. On SQLite the write lock is held for the writing of one batch alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from ..clock import to_micros
from ..db import Sql, read, write
from .entry import Entry, entry_leaf
from .integrate import Overtaken, Prepared, Waiting, integrate, unborn
from .signer import refuse_rollback
from .stored import logs_waiting, read_head, read_tiles
from .tiles import append_leaves, edge_tiles

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..clock import Clock
    from ..db import Transaction
    from .signer import LogSigner

# SQLite's write lock is held for some 30 ms; larger batches are hardly faster.
BATCH: Final = 1000

_WAITING: Final = Sql(
    "SELECT organisation_id, record_id, minute, commitment, announced FROM ledger_pending"
    " WHERE log = :log ORDER BY recorded_at, record_id LIMIT :batch"
)
# Held until the transaction ends; SQLite's own write lock does the same there. Locks of
# two numbers never meet those of one, which other rooms may take.
_ELECT: Final = Sql("SELECT 1", "SELECT pg_try_advisory_xact_lock(:ours::int, :number::int)")
_OURS: Final = 0x5E9E4CE
_HOLD: Final = Sql("SELECT 1", "SELECT 1 FROM pg_advisory_xact_lock(:ours::int, :number::int)")


@dataclass(frozen=True)
class Sequenced:
    """How many entries of each log a pass has integrated."""

    counts: dict[str, int]

    @property
    def total(self) -> int:
        """Count the entries of all logs."""
        return sum(self.counts.values())


def sequence_once(
    *,
    clock: Clock,
    signer: LogSigner,
    batch: int = BATCH,
    stopping: Callable[[], bool] = lambda: False,
) -> Sequenced:
    """Integrate what is pending in every log, batch by batch, until nothing waits.

    Ends early when `stopping` says so, or where another sequencer is at work. Raises
    RefusedToSign when the database is older or other than what was signed.
    """
    with read() as tx:
        names = list(logs_waiting(tx))
    sequencer = _Sequencer(clock, signer, batch, stopping)
    return Sequenced({log: sequencer.drain(log) for log in names})


@dataclass(frozen=True)
class _Sequencer:
    clock: Clock
    signer: LogSigner
    batch: int
    stopping: Callable[[], bool]

    def drain(self, log: str) -> int:
        done = 0
        while not self.stopping() and (prepared := self._prepare(log)) is not None:
            try:
                note = self._write(prepared)
            except Overtaken:
                continue
            if note is None:
                break
            # After the commit: were it before, a crash between the two would leave a
            # guard above the database for good.
            self.signer.guard.raise_to(log, note)
            done += len(prepared.waiting)
        return done

    def _prepare(self, log: str) -> Prepared | None:
        guarded = self.signer.guard.highest(log)
        with read() as tx:
            head = read_head(tx, log)
            rows = tx.run(_WAITING, {"log": log, "batch": self.batch})
            if not rows:
                return None
            refuse_rollback(tx, self.signer, log, head, guarded)
            base = head or unborn(log, self.signer.origin_for(log))
            edge = read_tiles(tx, log, edge_tiles(base.size))
        waiting = [Waiting(*row) for row in rows]
        leaves = [entry_leaf(Entry(each.commitment, each.minute)) for each in waiting]
        return Prepared(base, waiting, append_leaves(base.size, edge, leaves))

    def _write(self, prepared: Prepared) -> str | None:
        with write() as tx:
            if not _elected(tx, prepared.head.log):
                return None
            now = to_micros(self.clock())
            return integrate(tx, prepared, signer=self.signer, now=now)


def _elected(tx: Transaction, log: str) -> bool:
    return bool(tx.run(_ELECT, {"ours": _OURS, "number": _number(log)})[0][0])


def hold_log(tx: Transaction, log: str) -> None:
    """Wait until no sequencer writes a log, and let none begin until `tx` ends."""
    tx.run(_HOLD, {"ours": _OURS, "number": _number(log)})


def _number(log: str) -> int:
    return int.from_bytes(sha256(log.encode()).digest()[:4], "big", signed=True)
