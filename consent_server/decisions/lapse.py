"""Lapses: what time or new words end, and what soon ends, told in the feed by the worker.

Nobody waits for this: a lookup settles expiry and floor by itself, at every question. Each
batch is one transaction (looked at, told, and how far one has come), so that a worker
killed at any moment neither loses an event nor tells one twice.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from .. import ledger, notices
from ..clock import add_period, from_micros, rfc3339_micros, to_micros
from ..db import Insert, Sql, read, write
from ..ids import new_id, public
from ..organisations import keys_of, log_of
from . import standing
from .ends import ENDING
from .lapsing import BELOW, Candidate, Look, unmarked
from .models import Lapse
from .rules import ends, stands

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from ..db import Transaction
    from ..notices.values import Configuration, Purpose

EXPIRING: Final = "expiring"
EXPIRED: Final = "expired"
SUPERSEDED: Final = "superseded"

BATCH: Final = 200
_WINDOW: Final = 1000
_MICRO: Final = timedelta(microseconds=1)
# A decision that was being written while one looked may end a moment ago: looked at again.
_MARGIN: Final = timedelta(minutes=10) // _MICRO
_EVERYBODY: Final = (1 << 63) - 1

# What has passed is never looked at again.
_PASSED: Final = Sql(
    "DELETE FROM standing_end WHERE organisation_id = :organisation AND ends_at < :before"
)
_WINDOW_END: Final = Sql(
    "SELECT max(id) FROM (SELECT id FROM subject WHERE organisation_id = :organisation"
    " AND id > :after ORDER BY id LIMIT :most) w"
)
_REACHED: Final = Sql(
    "SELECT what, number, reached FROM lapse_reached WHERE organisation_id = :organisation"
)
_REACH: Final = Sql(
    "INSERT INTO lapse_reached (organisation_id, what, number, reached)"
    " VALUES (:organisation, :what, :number, :reached)"
    " ON CONFLICT (organisation_id, what)"
    " DO UPDATE SET number = excluded.number, reached = excluded.reached"
)
_KEEP: Final = Insert(Lapse.__table__)


def tell_lapses(
    organisation: int, now: int, *, stopping: Callable[[], bool] = lambda: False
) -> int:
    """Tell all that has lapsed, and what soon will, batch by batch; gives how many events.

    A batch begins after the last place of the one before; some of what was looked at lately
    is looked at again, and what was told is marked.
    """
    with read(organisation) as tx:
        configuration = notices.configuration(tx, organisation)
        reached = {what: (number, far) for what, number, far in tx.run(_REACHED, _own(tx))}
    told = 0
    soon = to_micros(add_period(from_micros(now), configuration.renewal_notice))
    for kind, until in ((EXPIRED, now), (EXPIRING, soon)):
        _, far = reached.get(kind, (0, 0))
        told += _walk_time(organisation, configuration, kind, far, until, now, stopping)
    for (notice, purpose), number in sorted(configuration.floors.items()):
        what = f"floor|{notice}|{purpose}"
        moved, far = reached.get(what, (0, 0))
        after = far if moved == number else 0
        if number > 1 and after < _EVERYBODY:
            look = Look(SUPERSEDED, what, number, BELOW, {"notice": notice, "purpose": purpose})
            told += _walk_people(organisation, configuration, look, after, now, stopping)
    return told


def expired_until(tx: Transaction, organisation: int) -> int:
    """Tell until when the worker has looked for what expired."""
    rows = tx.run(_REACHED, {"organisation": organisation})
    return next((far for what, _, far in rows if what == EXPIRED), 0)


def _own(tx: Transaction) -> dict[str, int]:
    return {"organisation": tx.organisation or 0}


def _walk_time(
    organisation: int,
    configuration: Configuration,
    kind: str,
    reached: int,
    until: int,
    now: int,
    stopping: Callable[[], bool],
) -> int:
    told, place = 0, (max(0, reached - _MARGIN), 0)
    while not stopping():
        values = {"after": place[0], "subject": place[1], "until": until, "most": BATCH}
        look = Look(kind, kind, 0, ENDING, values)
        last, news = _batch(organisation, configuration, look, now, end=until)
        told += news
        if last is None:
            break
        place = last
    return told


def _last(look: Look, rows: Sequence[Sequence[Any]]) -> tuple[int, int] | None:
    """Tell where a full batch ended, in time and by subject; None if nothing is left."""
    more = look.kind != SUPERSEDED and len(rows) >= BATCH
    return (rows[-1][0], rows[-1][1]) if more else None


def _walk_people(
    organisation: int,
    configuration: Configuration,
    look: Look,
    after: int,
    now: int,
    stopping: Callable[[], bool],
) -> int:
    """Go through everybody, some at a time, once for each floor that moves."""
    told = 0
    while after < _EVERYBODY and not stopping():
        with read(organisation) as tx:
            values = {**_own(tx), "after": after, "most": _WINDOW}
            end = tx.run(_WINDOW_END, values)[0][0] or _EVERYBODY
        values = {**look.values, "after": after, "until": end}
        step = Look(look.kind, look.what, look.number, look.sql, values)
        told += _batch(organisation, configuration, step, now, end=end)[1]
        after = end
    return told


def _batch(
    organisation: int,
    configuration: Configuration,
    look: Look,
    now: int,
    *,
    end: int,
) -> tuple[tuple[int, int] | None, int]:
    with write(organisation) as tx:
        # Another worker may be at the same batch: what it told is seen once it has.
        asked = [(look.sql, {"organisation": organisation, **look.values})]
        (rows,) = tx.lock_and_run(-organisation, asked)
        found = unmarked(tx, organisation, look, rows)
        news = list(_news(tx, organisation, configuration, look, found, now))
        if news:
            _tell(tx, organisation, look.kind, news, now)
        last = _last(look, rows)
        reached = end if last is None else last[0]
        row = {"what": look.what, "number": look.number, "reached": reached}
        tx.run(_REACH, {"organisation": organisation, **row})
        if look.kind == EXPIRED:
            tx.run(_PASSED, {"organisation": organisation, "before": reached - _MARGIN})
    return last, len(news)


def _news(
    tx: Transaction,
    organisation: int,
    configuration: Configuration,
    look: Look,
    found: Collection[Candidate],
    now: int,
) -> Iterator[tuple[Candidate, Purpose]]:
    if not found:
        return
    subjects = {each.subject for each in found}
    standing.lock_people(tx, organisation, subjects)
    people = standing.of_people(tx, organisation, subjects)
    seen: dict[tuple[int, int, int], bool] = {}
    for each in found:
        place = (each.subject, each.purpose, each.yes)
        purpose = configuration.purposes.get(each.purpose)
        rows = people.get(each.subject, {})
        news = purpose is not None and _is_news(each, purpose, rows, configuration, look, now)
        if news and not seen.get(place) and purpose is not None:
            yield each, purpose
        seen[place] = seen.get(place, False) or news
    for (subject, purpose_id, yes), told in seen.items():
        row = {"subject_id": subject, "purpose_id": purpose_id, "yes_id": yes}
        more = {"kind": look.kind, "recorded_at": now, "told": int(told)}
        tx.later(_KEEP, {"organisation_id": organisation, **row, **more})


def _is_news(
    each: Candidate,
    purpose: Purpose,
    rows: standing.Rows,
    configuration: Configuration,
    look: Look,
    now: int,
) -> bool:
    alone = purpose.kind == "tracker"
    # The banner asks again by itself; nobody writes to a visitor that her choice ends.
    if alone and look.kind == EXPIRING:
        return False
    stood = stands(rows.get(each.purpose, ()), frozenset({each.identifier}), alone=alone)
    notice = stood.yes.notice if stood.yes else None
    floor = configuration.floors.get((notice or 0, each.purpose), 0)
    if look.kind == SUPERSEDED:
        return ends(stood, each.yes, floor=0, until=now)
    until = now if look.kind == EXPIRING else (each.ends_at or 0) - 1
    return ends(stood, each.yes, floor=floor, until=until)


def _tell(
    tx: Transaction,
    organisation: int,
    kind: str,
    news: Sequence[tuple[Candidate, Purpose]],
    now: int,
) -> None:
    ledger.append(
        tx,
        organisation=organisation,
        log=log_of(tx, organisation),
        record_id=new_id(),
        kind="lapse",
        record={
            "v": 1,
            "kind": "lapse",
            "organisation": public("org", organisation),
            "recorded_at": rfc3339_micros(now),
            "what": kind,
            "decisions": sorted({public("dec", each.yes) for each, _ in news}),
        },
        recorded_at=now,
        keys=keys_of(organisation, tx),
        announcements=[_said(kind, each, purpose) for each, purpose in news],
    )


def _said(kind: str, each: Candidate, purpose: Purpose) -> dict[str, Any]:
    said: dict[str, Any] = {
        "type": f"consent.{kind}",
        "subject": public("sub", each.subject),
        "purpose": purpose.slug,
        "channel": purpose.channel,
        "standing": "granted" if kind == EXPIRING else kind,
        "because": "consent" if kind == EXPIRING else kind,
        "decision": public("dec", each.yes),
    }
    if each.ends_at is not None:
        said["expires_at"] = rfc3339_micros(each.ends_at)
    return said
