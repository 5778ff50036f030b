"""The leaf of facts: what was told of a person, committed to, and announced."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from .. import ledger
from ..clock import rfc3339, rfc3339_micros
from ..ids import new_id, public
from ..ledger.entry import person_fields
from ..organisations import log_of

if TYPE_CHECKING:
    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from .facts import Given, Told
    from .resolve import Resolved


def prove_facts(
    tx: Transaction,
    keys: OrganisationKeys,
    who: Resolved,
    facts: Given,
    told: Told,
    *,
    key: str | None,
    now: int,
) -> None:
    """Append what was told of a person to the ledger; `key` names the caller's API key."""
    own = secrets.token_bytes(32)
    named = who.identifiers[0].given
    record: dict[str, Any] = {
        "v": 1,
        "kind": "subject",
        "organisation": public("org", keys.organisation),
        "recorded_at": rfc3339_micros(now),
        **person_fields(own, named.kind, named.match),
        "facts": facts.as_record(),
    }
    if key:
        record["key"] = key
    if told.informed_at:
        record["informed_at"] = rfc3339(told.informed_at)
    ledger.append(
        tx,
        organisation=keys.organisation,
        log=log_of(tx, keys.organisation),
        record_id=new_id(),
        kind="subject",
        record=record,
        recorded_at=now,
        keys=keys,
        opening=ledger.Opening(named.kind, own),
        announcements=[{"type": "subject.updated", "subject": public("sub", who.subject)}],
    )
