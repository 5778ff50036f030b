"""Going on from an older database: the log ends under its name, and goes on under another.

Strangers hold checkpoints of entries that a restored backup no longer has. Signing over
the same places under the same name would be a second history; so the name that signed them
signs nothing more, and a new name says in itself how far the old one had come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ..db import Sql, read, write
from ..problems import RefusedToStart
from .checkpoint import Checkpoint, parse_checkpoint_body
from .note import parse_note
from .sequence import hold_log
from .signer import RESUMED, RefusedToSign, refuse_foreign_head, refuse_rollback
from .stored import read_head

if TYPE_CHECKING:
    from ..db import Transaction
    from .signer import LogSigner
    from .stored import StoredHead

_RENAME: Final = Sql(
    "UPDATE ledger_head SET origin = :origin, checkpoint = :checkpoint, signed_at = :now"
    " WHERE log = :log AND origin = :before AND size = :size"
)


class Resuming(NamedTuple):
    """How a log goes on: under which name, from where, and what ended."""

    log: str
    # The entries that the restored database holds, and that were signed.
    size: int
    signed: int
    before: str
    origin: str
    # The highest checkpoint under the old name.
    ended: str


def to_resume(signer: LogSigner, *, anyway: bool = False) -> list[Resuming]:
    """Name the logs that the database does not continue; with `anyway`, all of them."""
    found = []
    for log in signer.guard.logs():
        guarded = signer.guard.highest(log)
        with read() as tx:
            head = read_head(tx, log)
            if anyway or _behind(tx, signer, log, head, guarded):
                found.append(_planned(signer, log, head, guarded))
    return found


def resume(signer: LogSigner, plan: Resuming, *, now: int) -> None:
    """Sign the head under the new name, and let the old name end; no worker may be at work."""
    with write() as tx:
        hold_log(tx, plan.log)
        head = read_head(tx, plan.log)
        if head is None or (head.origin, head.size) != (plan.before, plan.size):
            raise RefusedToStart(f"the log {plan.log!r} moved meanwhile: stop the worker first")
        note = signer.sign(Checkpoint(plan.origin, head.size, head.root))
        values = {"log": plan.log, "origin": plan.origin, "checkpoint": note, "now": now}
        tx.run(_RENAME, {**values, "before": plan.before, "size": plan.size})
    # After the commit, as ever: before it, a crash would leave a guard that nothing meets.
    signer.guard.begin_again(plan.log, note)


def _behind(
    tx: Transaction,
    signer: LogSigner,
    log: str,
    head: StoredHead | None,
    guarded: str | None,
) -> bool:
    try:
        refuse_rollback(tx, signer, log, head, guarded)
    except RefusedToSign:
        return True
    return False


def _planned(
    signer: LogSigner, log: str, head: StoredHead | None, guarded: str | None
) -> Resuming:
    if head is None:
        raise RefusedToStart(
            f"the database holds nothing of the log {log!r}: restore a backup of it first"
        )
    # What it does hold must be ours, whatever came after it.
    refuse_foreign_head(signer, head)
    ended = guarded or head.checkpoint
    signed = parse_checkpoint_body(parse_note(ended).text)
    return Resuming(
        log=log,
        size=head.size,
        signed=signed.size,
        before=head.origin,
        origin=f"{head.origin}{RESUMED}{signed.size}",
        ended=ended,
    )
