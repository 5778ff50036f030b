"""The leaves of people: what was told of them, whom they were linked with; announced.

Each record has the number of a row of theirs: the subject it came with, the first fact or
identifier it tells, the link. So whoever erases those rows knows which records go too.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from .. import ledger
from ..clock import rfc3339, rfc3339_micros
from ..ids import public
from ..organisations import log_of

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    written: Sequence[int],
    key: str | None,
    now: int,
) -> bool:
    """Append what was new of a person: herself, facts, identifiers; False if nothing was.

    `written` are the facts as `record_facts` numbered them; `key` names the caller's API
    key.
    """
    numbers = [*([who.subject] if who.created else []), *written, *who.added]
    if not numbers:
        return False
    own = secrets.token_bytes(32)
    new = [held.given for held in who.identifiers if held.id in who.added]
    named = new[0] if new else who.identifiers[0].given
    record: dict[str, Any] = {
        "v": 1,
        "kind": "subject",
        "organisation": public("org", keys.organisation),
        "recorded_at": rfc3339_micros(now),
        **ledger.person_fields(own, named.kind, named.match),
        "facts": facts.as_record() if written else [],
    }
    if len(new) > 1:
        also = (ledger.person_fields(own, each.kind, each.match) for each in new[1:])
        record["also"] = [each["person"] for each in also]
    if key:
        record["key"] = key
    types = ["subject.updated"]
    if any(fact.kind == "restriction" for fact in facts.facts) and written:
        types.append("subject.restricted")
    if told.informed_at:
        record["informed_at"] = rfc3339(told.informed_at)
    ledger.append(
        tx,
        organisation=keys.organisation,
        log=log_of(tx, keys.organisation),
        record_id=numbers[0],
        kind="subject",
        record=record,
        recorded_at=now,
        keys=keys,
        opening=ledger.Opening(named.kind, own),
        announcements=[{"type": each, "subject": public("sub", who.subject)} for each in types],
    )
    return True


def prove_link(
    tx: Transaction,
    keys: OrganisationKeys,
    *,
    record: int,
    link: int,
    event: str,
    pair: tuple[int, int],
    now: int,
) -> None:
    """Append that two subjects were linked, or are no longer."""
    subjects = [public("sub", each) for each in pair]
    ledger.append(
        tx,
        organisation=keys.organisation,
        log=log_of(tx, keys.organisation),
        record_id=record,
        kind="link",
        record={
            "v": 1,
            "kind": "link",
            "organisation": public("org", keys.organisation),
            "recorded_at": rfc3339_micros(now),
            "link": public("lnk", link),
            "event": event,
            "subjects": subjects,
        },
        recorded_at=now,
        keys=keys,
        announcements=[{"type": event, "subject": subjects[0], "other": subjects[1]}],
    )
