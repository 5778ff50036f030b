"""Rotating: a new key signs the log, and signs at once the heads that stand.

Origin, size and root stay: nothing of the log's history changes, only who vouches for it
from now on. Checkpoints and proofs that were handed out keep the signature they have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..db import Sql, read, write
from .checkpoint import Checkpoint
from .log_keys import rotate_log_key
from .sequence import hold_log
from .signer import refuse_rollback
from .stored import logs, read_head

if TYPE_CHECKING:
    from ..keyring import Keyring
    from .signer import LogSigner

_SIGN_AGAIN: Final = Sql(
    "UPDATE ledger_head SET checkpoint = :checkpoint WHERE log = :log AND size = :size"
    " AND root = :root"
)


def rotate(signer: LogSigner, keyring: Keyring, *, leaked: bool, now: int) -> list[str]:
    """Renew the log's key and sign every head with it; gives the logs.

    Raises RefusedToSign, before anything is renewed, where a database is older than what
    was signed. Workers and servers go on meanwhile, and need no restart.
    """
    with read() as tx:
        names = [log for log in logs(tx) if read_head(tx, log) is not None]
    for log in names:
        _refuse(signer, log)
    rotate_log_key(keyring.folder, leaked=leaked, now=now)
    for log in names:
        _sign_again(signer, log)
    return names


def _refuse(signer: LogSigner, log: str) -> None:
    guarded = signer.guard.highest(log)
    with read() as tx:
        refuse_rollback(tx, signer, log, read_head(tx, log), guarded)


def _sign_again(signer: LogSigner, log: str) -> None:
    guarded = signer.guard.highest(log)
    with write() as tx:
        hold_log(tx, log)
        head = read_head(tx, log)
        if head is None:
            return
        refuse_rollback(tx, signer, log, head, guarded)
        note = signer.sign(Checkpoint(head.origin, head.size, head.root))
        tx.run(
            _SIGN_AGAIN, {"log": log, "size": head.size, "root": head.root, "checkpoint": note}
        )
