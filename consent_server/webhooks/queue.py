"""What waits for a receiver: taken from the feed, each subject's in order, until it is had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .. import ledger
from ..clock import to_micros
from ..db import Sql, Transaction
from ..ids import new_id, parse, public
from ..organisations import audit
from .hooks import PREFIX, Hook
from .rules import TEST, wants

if TYPE_CHECKING:
    from datetime import datetime

    from ..ledger import Event

# Beyond this much nothing more is taken in: the feed itself is the queue.
MOST_WAITING: Final = 2000
_PAGE: Final = 500

_COUNT: Final = Sql(
    "SELECT COUNT(*) FROM webhook_waiting"
    " WHERE organisation_id = :organisation AND webhook_id = :webhook"
)
_WAIT: Final = Sql(
    "INSERT INTO webhook_waiting (organisation_id, webhook_id, seq, subject_id, tries, due_at)"
    " VALUES (:organisation, :webhook, :seq, :subject, 0, :due_at) ON CONFLICT DO NOTHING"
)
_REACH: Final = Sql(
    "UPDATE webhook_state SET reached = :reached"
    " WHERE organisation_id = :organisation AND webhook_id = :webhook"
)
_DUE: Final = Sql(
    """
    SELECT w.seq, w.subject_id, w.tries FROM webhook_waiting w
    WHERE w.organisation_id = :organisation AND w.webhook_id = :webhook AND w.due_at <= :now
      AND (w.subject_id = 0 OR NOT EXISTS (
        SELECT 1 FROM webhook_waiting b
        WHERE b.organisation_id = w.organisation_id AND b.webhook_id = w.webhook_id
          AND b.subject_id = w.subject_id AND b.seq < w.seq))
    ORDER BY w.seq LIMIT :most
    """
)
_DONE: Final = Sql(
    "DELETE FROM webhook_waiting"
    " WHERE organisation_id = :organisation AND webhook_id = :webhook AND seq = :seq"
)
_AGAIN: Final = Sql(
    "UPDATE webhook_waiting SET tries = :tries, due_at = :due_at"
    " WHERE organisation_id = :organisation AND webhook_id = :webhook AND seq = :seq"
)


class Waiting(NamedTuple):
    """An event a receiver does not have yet, and how often it was tried."""

    seq: int
    subject: int
    tries: int


def _values(hook: Hook) -> dict[str, Any]:
    return {"organisation": hook.organisation, "webhook": hook.id}


def anything(tx: Transaction, hook: Hook, now: int) -> bool:
    """Tell whether there is something to take in, or to send."""
    return ledger.feed_head(tx, hook.organisation) > hook.reached or bool(due(tx, hook, now, 1))


def take_in(tx: Transaction, hook: Hook, now: int) -> int:
    """Let what the feed holds beyond where the receiver stands wait for it; gives how much.

    The events and the number reached are one transaction: none is left out, none twice.
    """
    if count(tx, hook) >= MOST_WAITING:
        return 0
    found = ledger.feed(tx, hook.organisation, hook.reached, _PAGE)
    if not found:
        return 0
    rows = [
        {**_values(hook), "seq": event.seq, "subject": _subject(event), "due_at": now}
        for event in found
        if wants(hook.events, event.payload["type"])
    ]
    tx.run_many(_WAIT, rows)
    tx.run(_REACH, {**_values(hook), "reached": found[-1].seq})
    return len(found)


def _subject(event: Event) -> int:
    named = event.payload.get("subject")
    return parse("sub", named) or 0 if named else 0


def due(tx: Transaction, hook: Hook, now: int, most: int) -> list[Waiting]:
    """Give what may be sent now: for each subject only the first that waits."""
    return [Waiting(*row) for row in tx.run(_DUE, {**_values(hook), "now": now, "most": most})]


def count(tx: Transaction, hook: Hook) -> int:
    """Count what waits for a receiver."""
    return int(tx.run(_COUNT, _values(hook))[0][0])


def done(tx: Transaction, hook: Hook, seq: int) -> None:
    """Let a message wait no more."""
    tx.run(_DONE, {**_values(hook), "seq": seq})


def again(tx: Transaction, hook: Hook, waiting: Waiting, next_at: int) -> None:
    """Let a message wait for its next try."""
    values = {"seq": waiting.seq, "tries": waiting.tries + 1, "due_at": next_at}
    tx.run(_AGAIN, {**_values(hook), **values})


def add_test(tx: Transaction, hook: Hook, *, actor: str, now: datetime) -> None:
    """Let a test message wait: sent as any other, signed as any other."""
    # Below zero, where the feed has no numbers; drawn, so that no two tests share an id.
    seq = -new_id() >> 10
    tx.run(_WAIT, {**_values(hook), "seq": seq, "subject": 0, "due_at": to_micros(now)})
    audit(
        tx,
        organisation=hook.organisation,
        actor=actor,
        action=TEST,
        target=public(PREFIX, hook.id),
        now=now,
    )


def replay(tx: Transaction, hook: Hook, after: int, *, actor: str, now: datetime) -> int:
    """Send again what follows a number in the feed; gives the number it goes on from.

    Each keeps its id, so that a receiver knows what it has seen.
    """
    begin = min(after, ledger.feed_head(tx, hook.organisation))
    tx.run(_REACH, {**_values(hook), "reached": begin})
    audit(
        tx,
        organisation=hook.organisation,
        actor=actor,
        action="webhook.replayed",
        target=public(PREFIX, hook.id),
        now=now,
        detail={"after": begin},
    )
    return begin
