"""Counting an open or a click: only while she grants it, whenever the message was sent.

The standing is asked at the very moment, by the lookup's own rules. Noted, and written once
a second: a tally of the day by person, campaign and deed; no address, no device, no hour.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from flask import current_app

from ... import notices
from ...db import TROUBLE, Insert, Sql, db, read, to_json, write
from ...ids import public
from ...permissions.gather import gather
from ...permissions.lookup import Question, judge
from ...permissions.values import Because
from ...web import current
from ...web.batches import batches_of
from ..models import MailUse
from .tokens import CLICKED, OPENED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Flask

    from ...db import Transaction
    from ...web.batches import Batch
    from .tokens import Mark

    # Organisation, subject, day, campaign, deed.
    Note = tuple[int, int, int, str, str]

# The purposes of their own that allow it (standards.md PIX-5).
PURPOSES: Final = {OPENED: "email_open_tracking", CLICKED: "email_click_tracking"}
KEPT: Final = timedelta(days=400)
PEOPLE: Final = 1000
_NAME: Final = "consent.mail_use"
_DAY_SECONDS: Final = 86_400
_ADD: Final = Insert(
    MailUse.__table__,
    or_else="ON CONFLICT (organisation_id, campaign, subject_id, day, what)"
    " DO UPDATE SET count = mail_use.count + excluded.count",
)
# Whoever was erased since is nobody's business any more.
_THERE: Final = Sql(
    "SELECT id FROM subject WHERE organisation_id = :organisation"
    " AND id IN (SELECT value FROM json_each(:subjects))",
    "SELECT id FROM subject WHERE organisation_id = :organisation"
    " AND id IN (SELECT value::bigint FROM jsonb_array_elements_text(:subjects::jsonb))",
)
_DAYS: Final = Sql(
    """
    SELECT day, what, COUNT(DISTINCT subject_id), SUM(count) FROM mail_use
    WHERE organisation_id = :organisation AND campaign = :campaign
    GROUP BY day, what ORDER BY day, what
    """
)
_WHO: Final = Sql(
    """
    SELECT subject_id, what, SUM(count) FROM mail_use
    WHERE organisation_id = :organisation AND campaign = :campaign AND subject_id > :after
      AND subject_id IN (
        SELECT DISTINCT subject_id FROM mail_use
        WHERE organisation_id = :organisation AND campaign = :campaign
          AND subject_id > :after ORDER BY subject_id LIMIT :most)
    GROUP BY subject_id, what ORDER BY subject_id, what
    """
)
_FORGET: Final = Sql(
    "DELETE FROM mail_use WHERE organisation_id = :organisation AND subject_id = :subject"
)
_FORGET_OLD: Final = Sql(
    "DELETE FROM mail_use WHERE organisation_id = :organisation AND day < :day"
)


def install(app: Flask) -> None:
    """Make room for what is noted of opens and clicks."""
    app.extensions[_NAME] = batches_of(app).kind(write_uses)


def note_use(mark: Mark) -> bool:
    """Note an open or a click, if she grants it at this moment; tells whether it was noted."""
    now = current.now()
    with read(mark.organisation) as tx:
        configuration = notices.configuration(tx, mark.organisation)
    found = gather(db.engine, mark.organisation, mark.kind, mark.hashes)
    asked = judge(Question(purpose=PURPOSES[mark.what]), found, configuration, now)
    # Nothing but her own yes will do here: not an interest, and not an exemption.
    if asked.permission.because is not Because.CONSENT:
        return False
    batch = cast("Batch", current_app.extensions[_NAME])
    day = int(now.timestamp()) // _DAY_SECONDS
    batch.add((mark.organisation, min(found.subjects), day, mark.campaign, mark.what))
    return True


def told_of(tx: Transaction, organisation: int, campaign: str, *, after: int) -> dict[str, Any]:
    """Tell what was counted of a campaign: by day, and by person, a thousand at a time."""
    place = {"organisation": organisation, "campaign": campaign}
    days = [
        {"day": _date(day), "what": what, "people": int(people), "times": int(times)}
        for day, what, people, times in tx.run(_DAYS, place)
    ]
    people: dict[int, dict[str, Any]] = {}
    for subject, what, times in tx.run(_WHO, {**place, "after": after, "most": PEOPLE}):
        one = people.setdefault(
            subject, {"subject": public("sub", subject), OPENED: 0, CLICKED: 0}
        )
        one[what] = int(times)
    more = len(people) == PEOPLE
    return {
        "campaign": campaign,
        "days": days,
        "people": list(people.values()),
        "next": public("sub", max(people)) if more else None,
    }


def forget_use(tx: Transaction, organisation: int, subject: int) -> None:
    """Forget what was counted of a subject, as when she is erased."""
    tx.run(_FORGET, {"organisation": organisation, "subject": subject})


def forget_old_use(tx: Transaction, organisation: int, now: datetime) -> None:
    """Forget the days that nobody needs any more."""
    day = int((now - KEPT).timestamp()) // _DAY_SECONDS
    tx.run(_FORGET_OLD, {"organisation": organisation, "day": day})


def _date(day: int) -> str:
    return datetime.fromtimestamp(day * _DAY_SECONDS, UTC).date().isoformat()


def write_uses(notes: Sequence[Note]) -> Sequence[Note]:
    """Write what was noted; gives back what must wait for the next time."""
    left = Counter(notes)
    for organisation in sorted({note[0] for note in notes}):
        mine = {note: times for note, times in left.items() if note[0] == organisation}
        try:
            with write(organisation) as tx:
                _add(tx, organisation, mine)
        except TROUBLE:
            # What is written is not written again.
            return list(left.elements())
        for note in mine:
            del left[note]
    return ()


def _add(tx: Transaction, organisation: int, mine: dict[Note, int]) -> None:
    subjects = sorted({note[1] for note in mine})
    asked = {"organisation": organisation, "subjects": to_json(subjects)}
    there = {number for (number,) in tx.run(_THERE, asked)}
    # In one order everywhere, so that two processes cannot wait for each other.
    for (_, subject, day, campaign, what), times in sorted(mine.items()):
        if subject in there:
            row = {"subject_id": subject, "day": day, "campaign": campaign, "what": what}
            tx.later(_ADD, {"organisation_id": organisation, **row, "count": times})
