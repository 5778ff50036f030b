"""Jobs: an import from the moment it is asked for to the day it is forgotten."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from ..clock import to_micros
from ..db import Sql, Transaction, as_json, to_json
from ..ids import new_id, parse, public
from ..organisations import audit
from ..problems import NotFound
from .job import Job, NewJob

if TYPE_CHECKING:
    from datetime import datetime

    from ..keyring import OrganisationKeys

# Whoever runs a job says so again with every batch; after that another may take over.
HELD: Final = timedelta(seconds=15)
KEPT: Final = timedelta(days=30)
_KEPT: Final = (
    "id",
    "recorded_at",
    "actor",
    "key_id",
    "sealed",
    "dry",
    "state",
    "because",
    "phase",
    "passed",
    "passed_bytes",
    "total_bytes",
    "counts",
    "errors_bytes",
    "held_until",
    "finished_at",
)
_COLUMNS: Final = ", ".join(_KEPT)
_INSERT: Final = Sql(
    """
    INSERT INTO import_job (organisation_id, id, recorded_at, actor, key_id, sealed, dry, state,
        because, phase, passed, passed_bytes, total_bytes, counts, errors_bytes, held_until,
        finished_at)
    VALUES (:organisation, :id, :now, :actor, :key_id, :sealed, :dry, 'waiting', NULL, 1, 0, 0,
        :total, :counts, 0, :held_until, NULL)
    """
)
_ONE: Final = Sql(
    f"SELECT {_COLUMNS} FROM import_job WHERE organisation_id = :organisation AND id = :id"
)
_ALL: Final = Sql(
    f"SELECT {_COLUMNS} FROM import_job WHERE organisation_id = :organisation"
    " ORDER BY recorded_at DESC, id LIMIT :most"
)
_FREE: Final = Sql(
    "SELECT id FROM import_job WHERE organisation_id = :organisation"
    " AND state IN ('waiting', 'running') AND held_until < :now ORDER BY recorded_at LIMIT 1"
)
_TAKE: Final = Sql(
    "UPDATE import_job SET state = 'running', held_until = :until"
    " WHERE organisation_id = :organisation AND id = :id"
    " AND state IN ('waiting', 'running') AND held_until < :now RETURNING id"
)
_ADVANCE: Final = Sql(
    """
    UPDATE import_job
    SET state = :state, because = :because, phase = :phase, passed = :passed,
        passed_bytes = :passed_bytes, counts = :counts, errors_bytes = :errors_bytes,
        held_until = :until, finished_at = :finished_at
    WHERE organisation_id = :organisation AND id = :id AND phase = :from_phase
      AND passed = :from_passed AND state IN ('waiting', 'running')
    RETURNING id
    """
)
_LET_GO: Final = Sql(
    "UPDATE import_job SET held_until = 0 WHERE organisation_id = :organisation AND id = :id"
)
_FORGET: Final = Sql(
    "DELETE FROM import_job WHERE organisation_id = :organisation AND finished_at < :before"
)
_LEFT: Final = Sql("SELECT id FROM import_job WHERE organisation_id = :organisation")


class Overtaken(Exception):
    """Somebody else carries this job on."""


def create(tx: Transaction, keys: OrganisationKeys, wanted: NewJob, *, now: datetime) -> Job:
    """Write an import down; gives it as it is kept."""
    tx.run(
        _INSERT,
        {
            "organisation": keys.organisation,
            "id": wanted.id,
            "now": to_micros(now),
            "actor": wanted.actor,
            "key_id": wanted.key_id,
            "sealed": keys.seal(to_json(wanted.asked).encode(), "import_job", wanted.id),
            "dry": int(wanted.dry),
            "total": wanted.total,
            "counts": "{}",
            "held_until": to_micros(now + HELD) if wanted.held else 0,
        },
    )
    audit(
        tx,
        organisation=keys.organisation,
        actor=wanted.actor,
        action="import.tried" if wanted.dry else "import.begun",
        target=public("job", wanted.id),
        detail={"bytes": wanted.total},
        now=now,
    )
    return find(tx, keys, public("job", wanted.id))


def name_of(job: int) -> str:
    """Write the id of an import as the outside sees it."""
    return public("job", job)


def new_job() -> int:
    """Draw the id of an import."""
    return new_id()


def find(tx: Transaction, keys: OrganisationKeys, name: str) -> Job:
    """Find an import by its public id."""
    number = parse("job", name)
    rows = tx.run(_ONE, {"organisation": keys.organisation, "id": number}) if number else []
    if not rows:
        raise NotFound
    return _read(rows[0], keys)


def listed(tx: Transaction, keys: OrganisationKeys, most: int = 50) -> list[Job]:
    """List the latest imports."""
    rows = tx.run(_ALL, {"organisation": keys.organisation, "most": most})
    return [_read(row, keys) for row in rows]


def _read(row: Any, keys: OrganisationKeys) -> Job:
    asked = json.loads(keys.unseal(bytes(row[4]), "import_job", row[0]))
    plain = dict(zip(_KEPT, row, strict=True))
    plain.update(asked=asked, dry=bool(plain["dry"]), counts=as_json(plain["counts"]))
    del plain["sealed"]
    return Job(organisation=keys.organisation, **plain)


def free(tx: Transaction, organisation: int, now: int) -> str | None:
    """Name an import that nobody carries on."""
    rows = tx.run(_FREE, {"organisation": organisation, "now": now})
    return public("job", rows[0][0]) if rows else None


def take(tx: Transaction, organisation: int, name: str, now: datetime) -> bool:
    """Take an import that nobody carries on; tells whether it is ours now."""
    values = {
        "organisation": organisation,
        "id": parse("job", name),
        "now": to_micros(now),
        "until": to_micros(now + HELD),
    }
    return bool(tx.run(_TAKE, values))


def let_go(tx: Transaction, job: Job) -> None:
    """Say that nobody carries it on."""
    tx.run(_LET_GO, {"organisation": job.organisation, "id": job.id})


def advance(tx: Transaction, before: Job, job: Job, now: datetime) -> None:
    """Move the cursor from where it stood, with the rows it has passed; or `Overtaken`."""
    done = job.finished_at is not None
    moved = tx.run(
        _ADVANCE,
        {
            "organisation": job.organisation,
            "id": job.id,
            "state": job.state,
            "because": job.because,
            "phase": job.phase,
            "passed": job.passed,
            "passed_bytes": job.passed_bytes,
            "counts": to_json(job.counts),
            "errors_bytes": job.errors_bytes,
            "until": 0 if done else to_micros(now + HELD),
            "finished_at": job.finished_at,
            "from_phase": before.phase,
            "from_passed": before.passed,
        },
    )
    if not moved:
        raise Overtaken
    if done:
        audit(
            tx,
            organisation=job.organisation,
            actor=job.actor,
            action=f"import.{job.state}",
            target=job.name,
            detail={
                what: job.counts.get(what, 0)
                for what in ("rows", "new", "unchanged", "refused")
            },
            now=now,
        )


def forget(tx: Transaction, organisation: int, now: datetime) -> set[str]:
    """Forget the imports that were done with thirty days ago; names those that are left."""
    before = to_micros(now - KEPT)
    tx.run(_FORGET, {"organisation": organisation, "before": before})
    left = tx.run(_LEFT, {"organisation": organisation})
    return {public("job", number) for (number,) in left}
