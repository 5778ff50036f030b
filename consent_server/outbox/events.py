"""The events as others see them: one page of the feed, with the names others know people by."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from .. import ledger
from ..clock import rfc3339_micros
from ..db import Sql, Transaction, to_json
from ..ids import parse, public
from .parting import ERASED, names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..keyring import OrganisationKeys
    from ..ledger import Event

# By person, not by subject: what changed holds for everyone linked as the same one.
_EXTERNAL: Final = Sql(
    """
    SELECT s.id, i.id, i.sealed FROM subject s
    JOIN subject p ON p.organisation_id = s.organisation_id AND p.person_id = s.person_id
    JOIN identifier i ON i.organisation_id = p.organisation_id AND i.subject_id = p.id
    WHERE s.organisation_id = :organisation AND i.kind = 'external_id'
      AND i.closed_at IS NULL
      AND s.id IN (SELECT value FROM json_each(:subjects))
    ORDER BY i.recorded_at, i.id
    """,
    """
    SELECT s.id, i.id, i.sealed FROM subject s
    JOIN subject p ON p.organisation_id = s.organisation_id AND p.person_id = s.person_id
    JOIN identifier i ON i.organisation_id = p.organisation_id AND i.subject_id = p.id
    WHERE s.organisation_id = :organisation AND i.kind = 'external_id'
      AND i.closed_at IS NULL
      AND s.id IN (SELECT CAST(value AS bigint)
                   FROM jsonb_array_elements_text(CAST(:subjects AS jsonb)))
    ORDER BY i.recorded_at, i.id
    """,
)
_EMPTY: Final[Mapping[str, Any]] = {
    "subject": None,
    "purpose": None,
    "channel": None,
    "standing": None,
    "because": None,
    "decision": None,
}


def page(tx: Transaction, keys: OrganisationKeys, after: int, limit: int) -> dict[str, Any]:
    """Give the events that follow a number, and the number to go on from."""
    found = ledger.feed(tx, keys.organisation, after, limit)
    subjects = [_subject(each) for each in found]
    names = external_ids(tx, keys, (number for number in subjects if number))
    events = [
        _shown(keys.organisation, event, names.get(subject or 0, ()))
        for event, subject in zip(found, subjects, strict=True)
    ]
    for event, shown in zip(found, events, strict=True):
        if shown["type"] == ERASED:
            shown["external_ids"] = names_of(tx, keys, event.record_id)
    return {"events": events, "next": found[-1].seq if found else after}


def event_id(organisation: int, event: Event) -> str:
    """Name an event by what it announces, so that it has one name for good."""
    text = f"{organisation}|{event.record_id}|{event.nth}"
    digest = hashlib.sha256(text.encode()).digest()
    return public("evt", (int.from_bytes(digest[:8]) >> 1) or 1)


def _shown(organisation: int, event: Event, names: Sequence[str]) -> dict[str, Any]:
    told = event.payload
    return {
        "seq": event.seq,
        "id": event_id(organisation, event),
        "type": told["type"],
        "recorded_at": rfc3339_micros(event.recorded_at),
        **_EMPTY,
        "external_ids": list(names),
        **told,
    }


def _subject(event: Event) -> int | None:
    named = event.payload.get("subject")
    return parse("sub", named) if named else None


def external_ids(
    tx: Transaction, keys: OrganisationKeys, subjects: Iterable[int]
) -> dict[int, list[str]]:
    """Give the organisation's own names for these subjects, those of linked ones too."""
    asked = sorted(set(subjects))
    if not asked:
        return {}
    values = {"organisation": keys.organisation, "subjects": to_json(asked)}
    names: dict[int, list[str]] = {}
    for subject, number, sealed in tx.run(_EXTERNAL, values):
        text = keys.unseal(bytes(sealed), "identifier", number).decode()
        mine = names.setdefault(subject, [])
        if text not in mine:
            mine.append(text)
    return names
