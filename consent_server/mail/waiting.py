"""What waits to leave: taken by one worker at a time, settled once it was tried."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..db import Sql, Transaction, as_json
from ..organisations import keys_of
from .rules import State, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..keyring import OrganisationKeys

SEALED_TABLE: Final = "mail_message"
_LEASE_SQLITE: Final = """
    UPDATE mail_message SET leased_by = :me, leased_until = :until
    WHERE organisation_id = :organisation AND id IN (
        SELECT id FROM mail_message WHERE organisation_id = :organisation
          AND due_at <= :now AND leased_until < :now ORDER BY due_at, id LIMIT :most {skip})
    RETURNING id, sealed, tries, recorded_at, template, due_at
    """
_LEASE: Final = Sql(
    _LEASE_SQLITE.format(skip=""), _LEASE_SQLITE.format(skip="FOR UPDATE SKIP LOCKED")
)
_ANYTHING: Final = Sql(
    "SELECT 1 FROM mail_message WHERE organisation_id = :organisation"
    " AND due_at <= :now AND leased_until < :now LIMIT 1"
)
_FINISH: Final = Sql(
    "UPDATE mail_message SET state = :state, tries = tries + 1, due_at = NULL, sealed = NULL,"
    " leased_until = 0, finished_at = :now, outcome = :outcome"
    " WHERE organisation_id = :organisation AND id = :id AND leased_by = :me"
)
_AGAIN: Final = Sql(
    "UPDATE mail_message SET tries = tries + 1, due_at = :due_at, leased_until = 0,"
    " outcome = :outcome"
    " WHERE organisation_id = :organisation AND id = :id AND leased_by = :me"
)
_RELEASE: Final = Sql(
    "UPDATE mail_message SET leased_until = 0"
    " WHERE organisation_id = :organisation AND id = :id AND leased_by = :me"
)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A message taken from the queue to be sent."""

    id: int
    to: str
    sender: str
    raw: bytes
    tries: int
    recorded_at: int
    template: str


def anything(tx: Transaction, organisation: int, now: int) -> bool:
    """Tell whether a message may leave now."""
    return bool(tx.run(_ANYTHING, {"organisation": organisation, "now": now}))


def take(
    tx: Transaction, organisation: int, *, me: str, now: int, until: int, most: int
) -> list[Waiting]:
    """Take messages that are due, for this worker alone until a moment."""
    keys = keys_of(organisation, tx)
    values = {"organisation": organisation, "me": me, "now": now, "until": until, "most": most}
    rows = sorted(tx.run(_LEASE, values), key=lambda row: (row[-1], row[0]))
    return [_read(keys, row) for row in rows]


def _read(keys: OrganisationKeys, row: Sequence[Any]) -> Waiting:
    number, sealed, tries, recorded_at, template, _ = row
    whole = as_json(keys.unseal(bytes(sealed), SEALED_TABLE, number).decode())
    return Waiting(
        id=number,
        to=whole["to"],
        sender=whole["from"],
        raw=b64decode(whole["raw"]),
        tries=tries,
        recorded_at=recorded_at,
        template=template,
    )


def settle(
    tx: Transaction,
    organisation: int,
    waiting: Waiting,
    verdict: Verdict,
    *,
    me: str,
    outcome: str,
    now: int,
) -> None:
    """Write down what came of a try."""
    values = {
        "organisation": organisation,
        "id": waiting.id,
        "me": me,
        "outcome": outcome,
        "now": now,
    }
    if verdict.state is State.WAITING:
        tx.run(_AGAIN, {**values, "due_at": verdict.next_at})
    else:
        tx.run(_FINISH, {**values, "state": verdict.state.value})


def release(tx: Transaction, organisation: int, waiting: Waiting, *, me: str) -> None:
    """Give a message back that was not tried."""
    tx.run(_RELEASE, {"organisation": organisation, "id": waiting.id, "me": me})
