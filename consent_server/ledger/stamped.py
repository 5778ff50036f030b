"""What has been stamped from outside: read for proofs, and for whoever looks after the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ..db import Sql

if TYPE_CHECKING:
    from ..db import Transaction

_ALL: Final = Sql(
    "SELECT log, size, authority, told_at FROM ledger_stamp"
    " ORDER BY told_at DESC, size DESC LIMIT :most"
)
_FIRST_OVER: Final = Sql(
    "SELECT c.size, c.checkpoint FROM ledger_checkpoint c WHERE c.log = :log AND c.size ="
    " (SELECT min(size) FROM ledger_stamp WHERE log = :log AND size > :place)"
)
_TOKENS: Final = Sql(
    "SELECT token FROM ledger_stamp WHERE log = :log AND size = :size ORDER BY authority"
)


class Told(NamedTuple):
    """A stamp that was given: over how many entries of which log, by whom, when."""

    log: str
    size: int
    authority: str
    told_at: int


class Covering(NamedTuple):
    """A stamped checkpoint, and the stamps over it."""

    size: int
    checkpoint: str
    tokens: list[bytes]


def covering(tx: Transaction, log: str, place: int) -> Covering | None:
    """Give the first stamped checkpoint that covers an entry; None while that is pending."""
    rows = tx.run(_FIRST_OVER, {"log": log, "place": place})
    if not rows:
        return None
    size, checkpoint = rows[0]
    tokens = tx.run(_TOKENS, {"log": log, "size": size})
    return Covering(size, checkpoint, [bytes(token) for (token,) in tokens])


def stamps(tx: Transaction, most: int) -> list[Told]:
    """List the latest stamps, newest first."""
    return [Told(*row) for row in tx.run(_ALL, {"most": most})]
