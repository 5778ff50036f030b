"""One try and what it leaves: a line in the log, and what is next."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..clock import from_micros, rfc3339_micros, to_micros
from ..db import Sql, Transaction
from ..ids import new_id, public
from ..organisations import audit
from ..outgoing import CallFailed, RefusedAddress
from . import queue
from .hooks import PREFIX, Hook
from .rules import Outcome, Verdict, judge
from .signing import headers
from .tell_staff import tell_staff

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..clock import Clock
    from ..outgoing.calls import Calls
    from .message import Message
    from .queue import Waiting

_MICROS: Final = 1_000_000
_KEPT: Final = 30 * 24 * 3600 * _MICROS
_LOG: Final = Sql(
    "INSERT INTO webhook_attempt (organisation_id, id, webhook_id, seq, event, number,"
    " recorded_at, took_ms, status, outcome)"
    " VALUES (:organisation, :id, :webhook, :seq, :event, :number, :recorded_at, :took_ms,"
    " :status, :outcome)"
)
_READ: Final = Sql(
    "SELECT seq, event, number, recorded_at, took_ms, status, outcome FROM webhook_attempt"
    " WHERE organisation_id = :organisation AND webhook_id = :webhook"
    " ORDER BY recorded_at DESC, id DESC LIMIT :most"
)
_FORGET: Final = Sql(
    "DELETE FROM webhook_attempt"
    " WHERE organisation_id = :organisation AND recorded_at < :before"
)
_PAUSE: Final = Sql(
    "UPDATE webhook_state SET paused_until = :until"
    " WHERE organisation_id = :organisation AND webhook_id = :webhook"
    " AND paused_until < :until"
)
_STOP: Final = Sql(
    "UPDATE webhook_state SET stopped = :why, stopped_at = :now"
    " WHERE organisation_id = :organisation AND webhook_id = :webhook AND stopped IS NULL"
)


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A try that was made: of what, when, how long it took, and what came of it."""

    waiting: Waiting
    message: Message
    at: int
    took_ms: int
    status: int | None
    said: str
    verdict: Verdict


def attempt(
    calls: Calls,
    hook: Hook,
    secrets: Sequence[bytes],
    waiting: Waiting,
    message: Message,
    clock: Clock,
) -> Tried:
    """Post one message, and judge what came of it; raises nothing."""
    at, begun = to_micros(clock()), time.monotonic()
    status: int | None = None
    said, wish = "", None
    signed = headers(secrets, message.id, at // _MICROS, message.body)
    try:
        answer = calls.post(
            hook.url,
            {
                "Content-Type": "application/json",
                "User-Agent": "ConsentServer-Webhooks/1",
                "Accept": "*/*",
                **signed,
                "Content-Length": str(len(message.body)),
            },
            message.body,
        )
        status, wish = answer.status, answer.headers.get("retry-after")
    except CallFailed as error:
        said = error.reason
    except RefusedAddress:
        said = "address_refused"
    verdict = judge(
        tries=waiting.tries + 1,
        status=status,
        retry_after=wish,
        now=to_micros(clock()),
        chance=random.random(),  # noqa: S311 - jitter, not a secret
    )
    delivered = verdict.outcome is Outcome.DELIVERED
    return Tried(
        waiting=waiting,
        message=message,
        at=at,
        took_ms=int((time.monotonic() - begun) * 1000),
        status=status,
        said="delivered" if delivered else said or "refused",
        verdict=verdict,
    )


def keep(tx: Transaction, hook: Hook, tried: Iterable[Tried]) -> None:
    """Write down tries and what follows from each, in the caller's transaction."""
    for each in tried:
        tx.run(_LOG, _line(hook, each))
        _follow(tx, hook, each)


def _line(hook: Hook, tried: Tried) -> dict[str, Any]:
    return {
        "organisation": hook.organisation,
        "id": new_id(),
        "webhook": hook.id,
        "seq": tried.waiting.seq,
        "event": tried.message.id,
        "number": tried.waiting.tries + 1,
        "recorded_at": tried.at,
        "took_ms": tried.took_ms,
        "status": tried.status,
        "outcome": tried.said,
    }


def _follow(tx: Transaction, hook: Hook, tried: Tried) -> None:
    verdict = tried.verdict
    values = {"organisation": hook.organisation, "webhook": hook.id}
    if verdict.outcome is Outcome.DELIVERED:
        queue.done(tx, hook, tried.waiting.seq)
        return
    if verdict.next_at is not None:
        queue.again(tx, hook, tried.waiting, verdict.next_at)
        if verdict.pause:
            tx.run(_PAUSE, {**values, "until": verdict.next_at})
        return
    _give_up(tx, hook, verdict.outcome, tried.at)


def _give_up(tx: Transaction, hook: Hook, why: Outcome, now: int) -> None:
    values = {"organisation": hook.organisation, "webhook": hook.id}
    tx.run(_STOP, {**values, "why": why.value, "now": now})
    name = public(PREFIX, hook.id)
    audit(
        tx,
        organisation=hook.organisation,
        actor="worker",
        action="webhook.disabled",
        target=name,
        now=from_micros(now),
        detail={"because": why.value},
        announcements=[{"type": "webhook.disabled", "webhook": name, "because": why.value}],
    )
    tell_staff(tx, hook, why, now)


def log_of_tries(tx: Transaction, hook: Hook, most: int) -> list[dict[str, Any]]:
    """Give the latest tries, newest first."""
    values = {"organisation": hook.organisation, "webhook": hook.id, "most": most}
    return [
        {
            "seq": seq if seq > 0 else None,
            "event": event,
            "try": number,
            "at": rfc3339_micros(recorded_at),
            "took_ms": took_ms,
            "status": status,
            "outcome": outcome,
        }
        for seq, event, number, recorded_at, took_ms, status, outcome in tx.run(_READ, values)
    ]


def forget(tx: Transaction, organisation: int, now: int) -> None:
    """Drop the tries that are older than thirty days."""
    tx.run(_FORGET, {"organisation": organisation, "before": now - _KEPT})
