"""Receivers: declared, shown, given a new secret, set going again, closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from .. import ledger
from ..clock import rfc3339_micros, to_micros
from ..db import Sql, Transaction, as_json, to_json
from ..ids import new_id, parse, public
from ..organisations import audit, keys_of
from ..problems import NotFound
from .signing import new_secret, secret_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ..keyring import OrganisationKeys

PREFIX: Final = "whk"
# How long the old secret still signs beside the new one, for receivers to change over.
CHANGE_OVER: Final = timedelta(hours=24)

_ADD: Final = Sql(
    "INSERT INTO webhook (organisation_id, id, sealed, events, recorded_at, closed_at)"
    " VALUES (:organisation, :webhook, :sealed, :events, :now, NULL)"
)
_ADD_SECRET: Final = Sql(
    "INSERT INTO webhook_secret"
    " (organisation_id, webhook_id, id, sealed, recorded_at, closes_at)"
    " VALUES (:organisation, :webhook, :secret, :sealed, :now, NULL)"
)
_ADD_STATE: Final = Sql(
    "INSERT INTO webhook_state (organisation_id, webhook_id, reached, paused_until, stopped,"
    " stopped_at, leased_by, leased_until)"
    " VALUES (:organisation, :webhook, :reached, 0, NULL, NULL, '', 0)"
)
_LIST: Final = Sql(
    """
    SELECT w.id, w.sealed, w.events, w.recorded_at, s.reached, s.paused_until,
           s.stopped, s.stopped_at
    FROM webhook w JOIN webhook_state s
      ON s.organisation_id = w.organisation_id AND s.webhook_id = w.id
    WHERE w.organisation_id = :organisation AND w.closed_at IS NULL
    ORDER BY w.recorded_at, w.id
    """
)
_WAITING: Final = Sql(
    "SELECT webhook_id, COUNT(*) FROM webhook_waiting"
    " WHERE organisation_id = :organisation GROUP BY webhook_id"
)
_GIVEN_UP: Final = Sql(
    """
    SELECT COUNT(*) FROM webhook w JOIN webhook_state s
      ON s.organisation_id = w.organisation_id AND s.webhook_id = w.id
    WHERE w.organisation_id = :organisation AND w.closed_at IS NULL AND s.stopped IS NOT NULL
    """
)
_SECRETS: Final = Sql(
    "SELECT id, sealed FROM webhook_secret WHERE organisation_id = :organisation"
    " AND webhook_id = :webhook AND (closes_at IS NULL OR closes_at > :now)"
    " ORDER BY recorded_at DESC, id"
)
_CLOSE_SECRETS: Final = Sql(
    "UPDATE webhook_secret SET closes_at = :closes_at WHERE organisation_id = :organisation"
    " AND webhook_id = :webhook AND (closes_at IS NULL OR closes_at > :closes_at)"
)
# A leaked secret may be replaced twice within a day: at most two ever sign.
_CLOSE_OLDER: Final = Sql(
    "UPDATE webhook_secret SET closes_at = :now WHERE organisation_id = :organisation"
    " AND webhook_id = :webhook AND closes_at IS NOT NULL AND closes_at > :now"
)
_CLOSE: Final = Sql(
    "UPDATE webhook SET closed_at = :now"
    " WHERE organisation_id = :organisation AND id = :webhook AND closed_at IS NULL"
)
_FORGET_WAITING: Final = Sql(
    "DELETE FROM webhook_waiting"
    " WHERE organisation_id = :organisation AND webhook_id = :webhook"
)
_GO_ON: Final = Sql(
    "UPDATE webhook_state SET stopped = NULL, stopped_at = NULL, paused_until = 0,"
    " leased_until = 0"
    " WHERE organisation_id = :organisation AND webhook_id = :webhook"
)
_TRY_NOW: Final = Sql(
    "UPDATE webhook_waiting SET tries = 0, due_at = :now"
    " WHERE organisation_id = :organisation AND webhook_id = :webhook"
)


@dataclass(frozen=True, kw_only=True)
class Hook:
    """A receiver as it stands."""

    organisation: int
    id: int
    url: str
    events: tuple[str, ...]
    recorded_at: int
    reached: int
    paused_until: int
    stopped: str | None
    stopped_at: int | None

    @property
    def going(self) -> bool:
        """Tell whether events are sent to it."""
        return self.stopped is None

    def said(self, waiting: int = 0) -> dict[str, Any]:
        """Say the receiver as the API and the command line show it, without its secret."""
        stopped = rfc3339_micros(self.stopped_at) if self.stopped_at else None
        return {
            "id": public(PREFIX, self.id),
            "url": self.url,
            "events": list(self.events),
            "created_at": rfc3339_micros(self.recorded_at),
            "reached": self.reached,
            "waiting": waiting,
            "disabled": self.stopped,
            "disabled_at": stopped,
        }


def add(
    tx: Transaction,
    organisation: int,
    url: str,
    events: Sequence[str],
    *,
    actor: str,
    now: datetime,
) -> dict[str, Any]:
    """Declare a receiver; it gets what is recorded from now on. Its secret is shown once."""
    webhook, moment = new_id(), to_micros(now)
    keys = keys_of(organisation, tx)
    values = {"organisation": organisation, "webhook": webhook, "now": moment}
    sealed = keys.seal(url.encode(), "webhook", webhook)
    tx.run(_ADD, {**values, "sealed": sealed, "events": to_json(sorted(set(events)))})
    tx.run(_ADD_STATE, {**values, "reached": ledger.feed_head(tx, organisation)})
    secret = _add_secret(tx, values)
    _note(tx, organisation, webhook, "webhook.created", actor, now, {"events": list(events)})
    return {**find(tx, organisation, webhook).said(), "secret": secret}


def _add_secret(tx: Transaction, values: Mapping[str, Any]) -> str:
    number, secret = new_id(), new_secret()
    keys = keys_of(values["organisation"], tx)
    sealed = keys.seal(secret, "webhook_secret", number)
    tx.run(_ADD_SECRET, {**values, "secret": number, "sealed": sealed})
    return secret_text(secret)


def hooks_of(tx: Transaction, organisation: int) -> list[Hook]:
    """Give the receivers of an organisation that are not closed, oldest first."""
    keys = keys_of(organisation, tx)
    rows = tx.run(_LIST, {"organisation": organisation})
    return [_read(keys, row) for row in rows]


def _read(keys: OrganisationKeys, row: Sequence[Any]) -> Hook:
    number, sealed, events, recorded_at, reached, paused_until, stopped, stopped_at = row
    return Hook(
        organisation=keys.organisation,
        id=number,
        url=keys.unseal(bytes(sealed), "webhook", number).decode(),
        events=tuple(as_json(events)),
        recorded_at=recorded_at,
        reached=reached,
        paused_until=paused_until,
        stopped=stopped,
        stopped_at=stopped_at,
    )


def shown(tx: Transaction, organisation: int) -> list[dict[str, Any]]:
    """List the receivers with how much waits for each."""
    waiting = dict(tx.run(_WAITING, {"organisation": organisation}))
    return [hook.said(waiting.get(hook.id, 0)) for hook in hooks_of(tx, organisation)]


def find(tx: Transaction, organisation: int, webhook: int | str) -> Hook:
    """Find a receiver by number or public id; raises `NotFound`."""
    number = parse(PREFIX, webhook) if isinstance(webhook, str) else webhook
    for hook in hooks_of(tx, organisation):
        if hook.id == number:
            return hook
    raise NotFound


def secrets_of(tx: Transaction, hook: Hook, now: int) -> list[bytes]:
    """Give the secrets that sign now, the newest first."""
    keys = keys_of(hook.organisation, tx)
    values = {"organisation": hook.organisation, "webhook": hook.id, "now": now}
    return [
        keys.unseal(bytes(sealed), "webhook_secret", number)
        for number, sealed in tx.run(_SECRETS, values)
    ]


def replace_secret(
    tx: Transaction, hook: Hook, *, at_once: bool, actor: str, now: datetime
) -> dict[str, Any]:
    """Make a new secret; the old one signs beside it for a day, or no more at all."""
    moment = to_micros(now)
    values = {"organisation": hook.organisation, "webhook": hook.id, "now": moment}
    tx.run(_CLOSE_OLDER, values)
    closes = now if at_once else now + CHANGE_OVER
    tx.run(_CLOSE_SECRETS, {**values, "closes_at": to_micros(closes)})
    secret = _add_secret(tx, values)
    detail = {"old_until": rfc3339_micros(to_micros(closes))}
    _note(tx, hook.organisation, hook.id, "webhook.secret_replaced", actor, now, detail)
    return {**hook.said(), "secret": secret, **detail}


def close(tx: Transaction, hook: Hook, *, actor: str, now: datetime) -> None:
    """Send nothing more to a receiver, for good; what waited for it is dropped."""
    values = {"organisation": hook.organisation, "webhook": hook.id, "now": to_micros(now)}
    tx.run(_CLOSE, values)
    tx.run(_FORGET_WAITING, values)
    _note(tx, hook.organisation, hook.id, "webhook.closed", actor, now)


def go_on(tx: Transaction, hook: Hook, *, actor: str, now: datetime) -> None:
    """Set a receiver going again that was given up: what waits is tried from the start."""
    values = {"organisation": hook.organisation, "webhook": hook.id, "now": to_micros(now)}
    tx.run(_GO_ON, values)
    tx.run(_TRY_NOW, values)
    _note(tx, hook.organisation, hook.id, "webhook.enabled", actor, now)


def _note(
    tx: Transaction,
    organisation: int,
    webhook: int,
    action: str,
    actor: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    audit(
        tx,
        organisation=organisation,
        actor=actor,
        action=action,
        target=public(PREFIX, webhook),
        now=now,
        detail=detail,
    )


def figures(tx: Transaction, organisation: int) -> tuple[int, int]:
    """Count an organisation's receivers that were given up, and the messages that wait."""
    values = {"organisation": organisation}
    waiting = sum(count for _, count in tx.run(_WAITING, values))
    return int(tx.run(_GIVEN_UP, values)[0][0]), int(waiting)
