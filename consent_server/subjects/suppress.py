"""Suppressing: a keyed hash that says not until the person says otherwise."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from .. import ledger
from ..clock import rfc3339_micros
from ..db import Sql, Transaction, as_json
from ..ids import new_id, public

if TYPE_CHECKING:
    from ..keyring import OrganisationKeys
    from .resolve import Held

_OPEN: Final = Sql(
    """
    SELECT lifted FROM suppression
    WHERE organisation_id = :organisation AND hash = :hash AND scope = :scope
      AND closed_at IS NULL
    """
)
_INSERT: Final = Sql(
    """
    INSERT INTO suppression (organisation_id, id, kind, hash, key_version, scope, reason,
                             recorded_at, lifted)
    VALUES (:organisation, :id, :kind, :hash, :version, :scope, :reason, :now, '{}')
    """
)


def suppress(
    tx: Transaction,
    keys: OrganisationKeys,
    held: Held,
    *,
    scope: str,
    reason: str,
    log: str,
    now: int,
) -> bool:
    """Suppress an identifier for a scope; False if that stands already, untouched.

    `scope` is `purpose:<id>`, `channel:<name>` or `marketing`.
    """
    values = {
        "organisation": keys.organisation,
        "hash": keys.index(held.given.kind, held.given.match),
        "scope": scope,
    }
    # One that was lifted in part no longer says all of it: the new one stands beside it.
    if any(not as_json(lifted) for (lifted,) in tx.run(_OPEN, values)):
        return False
    number = new_id()
    tx.run(
        _INSERT,
        {
            **values,
            "id": number,
            "kind": held.given.kind,
            "version": keys.index_version,
            "reason": reason,
            "now": now,
        },
    )
    _prove(tx, keys, held, number, scope=scope, reason=reason, log=log, now=now)
    return True


def _prove(
    tx: Transaction,
    keys: OrganisationKeys,
    held: Held,
    number: int,
    *,
    scope: str,
    reason: str,
    log: str,
    now: int,
) -> None:
    key = secrets.token_bytes(32)
    ledger.append(
        tx,
        organisation=keys.organisation,
        log=log,
        record_id=number,
        kind="suppression",
        record={
            "v": 1,
            "kind": "suppression",
            "organisation": public("org", keys.organisation),
            "id": public("sup", number),
            "recorded_at": rfc3339_micros(now),
            "scope": scope,
            "reason": reason,
            **ledger.person_fields(key, held.given.kind, held.given.match),
        },
        recorded_at=now,
        keys=keys,
        opening=ledger.Opening(held.given.kind, key),
        announcements=[
            {
                "type": "suppression.added",
                "subject": public("sub", held.subject),
                "scope": scope,
                "because": "suppressed",
            }
        ],
    )
