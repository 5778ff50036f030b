"""Proof of asking: which key asked about whom, for what, on which day, and was told what.

A lookup notes and goes on; a thread writes what was noted, once a second, and the worker
tallies it (tally.py). So a person can be shown who asked about her, and a sender can show that
it asked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from .. import notices
from ..db import TROUBLE, Insert, Sql, swift_write, to_json
from ..ids import new_ids, parse, public
from ..web.batches import batches_of
from .models import AskingNoted
from .tally import PART_BITS, part_of

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
_AT_ONCE: Final = 5_000
_ADD: Final = Insert(AskingNoted.__table__)
# One statement: what is tallied meanwhile is neither missed nor counted twice.
READ: Final = Sql(
    """
    WITH who AS (
        SELECT p.organisation_id, p.id, CAST(p.id AS TEXT) AS name
        FROM subject s
        JOIN subject p ON p.organisation_id = s.organisation_id AND p.person_id = s.person_id
        WHERE s.organisation_id = :organisation AND s.id = :subject
    ), told AS (
        SELECT a.day, a.purpose_id, a.key_id, a.allowed, a.count
        FROM who
        JOIN asking a ON a.organisation_id = who.organisation_id AND a.subject_id = who.id
        UNION ALL
        SELECT n.day, n.purpose_id, n.key_id, n.allowed, CAST(n.counts ->> who.name AS BIGINT)
        FROM who
        JOIN asking_noted n ON n.organisation_id = who.organisation_id
            AND n.part = who.id >> :bits AND n.counts ->> who.name IS NOT NULL
    )
    SELECT t.day, t.purpose_id, t.key_id, t.allowed, sum(t.count), k.name
    FROM told t
    LEFT JOIN api_key k ON k.organisation_id = :organisation AND k.key_id = t.key_id
    GROUP BY t.day, t.purpose_id, t.key_id, t.allowed, k.name
    ORDER BY t.day DESC, t.purpose_id, t.key_id, t.allowed
    """
)
_FORGET: Final = Sql(
    "DELETE FROM asking WHERE organisation_id = :organisation AND subject_id = :subject"
)
_WITHOUT: Final = """
    UPDATE asking_noted SET counts = {without}
    WHERE organisation_id = :organisation AND part = :part
        AND counts ->> CAST(:name AS TEXT) IS NOT NULL
"""
FORGET_NOTED: Final = Sql(
    _WITHOUT.format(without="""json_remove(counts, '$."' || :name || '"')"""),
    _WITHOUT.format(without="(counts::jsonb - CAST(:name AS TEXT))::json"),
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
    values = {"organisation": organisation, "subject": subject, "bits": PART_BITS}
    return [
        {
            "day": _date(day),
            "purpose": purposes[number].slug if number in purposes else public("pur", number),
            "key": key,
            "name": name,
            "allowed": bool(allowed),
            "count": int(count),
        }
        for day, number, key, allowed, count, name in tx.run(READ, values)
    ]


def _date(day: int) -> str:
    return datetime.fromtimestamp(day * _DAY_SECONDS, UTC).date().isoformat()


def forget_asking(tx: Transaction, organisation: int, subject: int) -> None:
    """Forget who asked about a subject, as when she is erased.

    What a process notes at this very moment goes when it is tallied: she is nobody by then.
    """
    where = {"organisation": organisation}
    # First what a tally takes first: the other way round one that is at it would add her anew,
    # or each would wait for the other.
    tx.run(FORGET_NOTED, {**where, "part": part_of(subject), "name": str(subject)})
    tx.run(_FORGET, {**where, "subject": subject})


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
                with swift_write(organisation) as tx:
                    _add(tx, organisation, part)
            except TROUBLE:
                # What is written is not written again.
                return list(left.elements())
            for note, _ in part:
                del left[note]
    return ()


def _add(tx: Transaction, organisation: int, several: Sequence[tuple[Note, int]]) -> None:
    configuration = notices.configuration(tx, organisation)
    places: defaultdict[tuple[int, int, int, str, int], Counter[int]]
    places = defaultdict(Counter)
    for (_, key, subject, slug, day, allowed), count in several:
        purpose, number = configuration.purpose(slug), parse("sub", subject)
        if purpose is not None and number is not None:
            places[part_of(number), day, purpose.id, key, allowed][number] += count
    names = ("part", "day", "purpose_id", "key_id", "allowed")
    ids = new_ids(len(places))
    for one, (place, counts) in zip(ids, sorted(places.items()), strict=True):
        where = dict(zip(names, place, strict=True))
        row = {"organisation_id": organisation, "id": one, **where}
        tx.later(_ADD, {**row, "counts": to_json(counts)})
