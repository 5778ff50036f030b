"""Proof of asking: which key asked about whom, for what, on which day, and was told what.

A lookup notes and goes on; a thread writes what was noted, once a second. So a person can
be shown who asked about her, and a sender can show that it asked.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from .. import notices
from ..db import Insert, Sql, write
from ..ids import parse, public
from ..web.batches import batches_of
from .models import Asking

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from flask import Flask

    from ..db import Transaction
    from ..organisations import Caller
    from ..web.batches import Batch

    # Organisation, key, subject and purpose as answered, when, and whether it may.
    Note = tuple[int, str, str, str, float, bool]

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
            now.timestamp(),
            said["allowed"],
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
    waiting = list(notes)
    for organisation in sorted({note[0] for note in notes}):
        mine = [note for note in waiting if note[0] == organisation]
        # Some at a time: on SQLite a decision waits for whoever writes.
        for start in range(0, len(mine), _AT_ONCE):
            some = mine[start : start + _AT_ONCE]
            with write(organisation) as tx:
                _add(tx, organisation, some)
            written = set(map(id, some))
            waiting = [note for note in waiting if id(note) not in written]
    return waiting


def _add(tx: Transaction, organisation: int, notes: Collection[Note]) -> None:
    configuration = notices.configuration(tx, organisation)
    counts: Counter[tuple[int, int, int, str, int]] = Counter()
    for _, key, subject, slug, moment, allowed in notes:
        purpose, number = configuration.purpose(slug), parse("sub", subject)
        if purpose is not None and number is not None:
            day = int(moment) // _DAY_SECONDS
            counts[number, day, purpose.id, key, int(allowed)] += 1
    # In one order everywhere, so that two processes cannot wait for each other.
    for place in sorted(counts):
        names = ("subject_id", "day", "purpose_id", "key_id", "allowed")
        row = dict(zip(names, place, strict=True))
        tx.later(_ADD, {"organisation_id": organisation, **row, "count": counts[place]})
