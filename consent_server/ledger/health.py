"""How the main log stands: how big it is, what waits, what others said of it and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ..db import Sql
from .signer import MAIN_LOG
from .stored import read_head

if TYPE_CHECKING:
    from ..db import Transaction
    from .stored import StoredHead

_WAITING_SINCE: Final = Sql("SELECT min(recorded_at) FROM ledger_pending WHERE log = :log")
_STAMPED: Final = Sql(
    "SELECT size, told_at, authority FROM ledger_stamp WHERE log = :log"
    " ORDER BY size DESC, told_at LIMIT 1"
)
_COSIGNED: Final = Sql(
    "SELECT size, cosigned_at, witness FROM ledger_cosignature WHERE origin = :origin"
    " ORDER BY size DESC, cosigned_at LIMIT 1"
)


class Said(NamedTuple):
    """What somebody outside said last: over how many entries, when (microseconds), who."""

    size: int
    at: int
    by: str


class LogHealth(NamedTuple):
    """The log's head, since when an entry waits for its place, and what others said last."""

    head: StoredHead | None
    waiting_since: int | None
    stamped: Said | None
    cosigned: Said | None

    @property
    def size(self) -> int:
        """Count the entries that have their place."""
        return self.head.size if self.head else 0

    def unsaid(self, said: Said | None) -> int:
        """Count the entries over which nobody outside has said anything yet."""
        return self.size - (said.size if said else 0)


def log_health(tx: Transaction) -> LogHealth:
    """Look at the main log."""
    head = read_head(tx, MAIN_LOG)
    (since,) = tx.run(_WAITING_SINCE, {"log": MAIN_LOG})[0]
    stamped = tx.run(_STAMPED, {"log": MAIN_LOG})
    cosigned = tx.run(_COSIGNED, {"origin": head.origin}) if head else []
    return LogHealth(
        head,
        since,
        Said(*stamped[0]) if stamped else None,
        Said(*cosigned[0]) if cosigned else None,
    )


def figures(health: LogHealth, now: int) -> dict[str, tuple[str, float]]:
    """Give the metrics of a log: by name, what it is and how much; `now` in microseconds."""
    waited = now - health.waiting_since if health.waiting_since is not None else 0
    found = {
        "consent_ledger_entries": ("Entries of the main log.", float(health.size)),
        "consent_ledger_pending_seconds": (
            "For how long the oldest entry has waited for its place; 0 if none waits.",
            max(waited, 0) / 1_000_000,
        ),
    }
    for what, said in (("stamp", health.stamped), ("cosignature", health.cosigned)):
        found[f"consent_ledger_last_{what}_timestamp_seconds"] = (
            f"When the last {what} was given (Unix time); 0 if there is none.",
            said.at / 1_000_000 if said else 0.0,
        )
        found[f"consent_ledger_without_{what}"] = (
            f"Entries that no {what} covers yet.",
            float(health.unsaid(said)),
        )
    return found
