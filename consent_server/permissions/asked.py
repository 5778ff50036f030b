"""Proof of asking: which key asked about whom, for what, on which day, and was told what.

A lookup notes and goes on; a thread writes what was noted, once a second. So a person can
be shown who asked about her, and a sender can show that it asked.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from .. import notices
from ..db import TROUBLE, Insert, Sql, to_json, write
from ..ids import parse, public
from ..web.batches import batches_of
from .models import Asking

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Flask

    from ..db import Transaction
    from ..organisations import Caller
    from ..web.batches import Batch

    # Organisation, key, subject and purpose as answered, the day, and whether it may.
    Note = tuple[int, str, str, str, int, int]

# Long enough for whoever is asked within the year what was done with her data.
KEPT: Final = timedelta(days=400)
_NAME: Final = "consent.asked"
_DAY_SECONDS: Final = 86_400
_AT_ONCE: Final = 500
_ADD: Final = Insert(
    Asking.__table__,
    or_else="ON CONFLICT"
    " (organisation_id, subject_id, day, purpose_id, key_id, allowed)"
    " DO UPDATE SET count = asking.count + excluded.count",
)
_READ: Final = Sql(
    """
    SELECT a.day, a.purpose_id, a.key_id, a.allowed, sum(a.count), k.name
    FROM subject s
    JOIN subject p ON p.organisation_id = s.organisation_id AND p.person_id = s.person_id
    JOIN asking a ON a.organisation_id = p.organisation_id AND a.subject_id = p.id
    LEFT JOIN api_key k ON k.organisation_id = a.organisation_id AND k.key_id = a.key_id
    WHERE s.organisation_id = :organisation AND s.id = :subject
    GROUP BY a.day, a.purpose_id, a.key_id, a.allowed, k.name
    ORDER BY a.day DESC, a.purpose_id, a.key_id, a.allowed
    """
)
# Whoever was erased since is nobody's business any more.
_THERE: Final = Sql(
    "SELECT id FROM subject WHERE organisation_id = :organisation"
    " AND id IN (SELECT value FROM json_each(:subjects))",
    "SELECT id FROM subject WHERE organisation_id = :organisation"
    " AND id IN (SELECT value::bigint FROM jsonb_array_elements_text(:subjects::jsonb))",
)
_FORGET: Final = Sql(
    "DELETE FROM asking WHERE organisation_id = :organisation AND subject_id = :subject"
)
_FORGET_OLD: Final = Sql(
    "DELETE FROM asking WHERE organisation_id = :organisation AND day < :day"
)


def install(app: Flask) -> None:
    """Make room for what is noted of lookups."""
    app.extensions[_NAME] = batches_of(app).kind(_write)


def note_asking(app: Flask, known: Caller, said: Mapping[str, Any], now: datetime) -> None:
    """Note that a key asked and was told this; nobody known is nobody to show it to."""
    if said["subject"] is None:
        return
    batch = cast("Batch", app.extensions[_NAME])
    batch.add(
        (
            known.organisation,
            known.key_id,
            said["subject"],
            said["purpose"],
            int(now.timestamp()) // _DAY_SECONDS,
            int(said["allowed"]),
        )
    )


def asked_about(tx: Transaction, organisation: int, subject: int) -> list[dict[str, Any]]:
    """Show who asked about a subject's person, the latest day first."""
    purposes = notices.configuration(tx, organisation).purposes
    values = {"organisation": organisation, "subject": subject}
    return [
        {
            "day": _date(day),
            "purpose": purposes[number].slug if number in purposes else public("pur", number),
            "key": key,
            "name": name,
            "allowed": bool(allowed),
            "count": int(count),
        }
        for day, number, key, allowed, count, name in tx.run(_READ, values)
    ]


def _date(day: int) -> str:
    return datetime.fromtimestamp(day * _DAY_SECONDS, UTC).date().isoformat()


def forget_asking(tx: Transaction, organisation: int, subject: int) -> None:
    """Forget who asked about a subject, as when she is erased."""
    tx.run(_FORGET, {"organisation": organisation, "subject": subject})


def forget_old(tx: Transaction, organisation: int, now: datetime) -> None:
    """Forget the days that nobody needs to be shown any more."""
    day = int((now - KEPT).timestamp()) // _DAY_SECONDS
    tx.run(_FORGET_OLD, {"organisation": organisation, "day": day})


def _write(notes: Sequence[Note]) -> Sequence[Note]:
    left = Counter(notes)
    for organisation in sorted({note[0] for note in notes}):
        several = [each for each in left.items() if each[0][0] == organisation]
        # Some at a time: on SQLite a decision waits for whoever writes.
        for start in range(0, len(several), _AT_ONCE):
            part = several[start : start + _AT_ONCE]
            try:
                with write(organisation) as tx:
                    _add(tx, organisation, part)
            except TROUBLE:
                # What is written is not written again.
                return list(left.elements())
            for note, _ in part:
                del left[note]
    return ()


def _add(tx: Transaction, organisation: int, several: Sequence[tuple[Note, int]]) -> None:
    configuration = notices.configuration(tx, organisation)
    places: Counter[tuple[int, int, int, str, int]] = Counter()
    for (_, key, subject, slug, day, allowed), count in several:
        purpose, number = configuration.purpose(slug), parse("sub", subject)
        if purpose is not None and number is not None:
            places[number, day, purpose.id, key, allowed] += count
    asked = {"organisation": organisation, "subjects": to_json([each[0] for each in places])}
    there = {number for (number,) in tx.run(_THERE, asked)}
    names = ("subject_id", "day", "purpose_id", "key_id", "allowed")
    # In one order everywhere, so that two processes cannot wait for each other.
    rows = [
        {
            "organisation_id": organisation,
            **dict(zip(names, place, strict=True)),
            "count": count,
        }
        for place, count in sorted(places.items())
        if place[0] in there
    ]
    for row in rows:
        tx.later(_ADD, row)
