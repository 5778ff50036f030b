"""Jobs: a list from the moment it is left with us to the day it is deleted."""

from __future__ import annotations

from dataclasses import fields
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from ...clock import to_micros
from ...db import Sql, as_json, to_json
from ...ids import parse, public
from ...organisations import audit
from ...problems import NotFound, Problem
from .job import KEPT, Job

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from ...db import Transaction

# Each may take gigabytes of the disk.
MOST_OPEN: Final = 20
_KEPT: Final = tuple(each.name for each in fields(Job))
_COLUMNS: Final = ", ".join(_KEPT)
_OURS: Final = "organisation_id = :organisation"
_ONE_JOB: Final = f"{_OURS} AND id = :id"
_IS_OPEN: Final = "state IN ('waiting', 'running')"
_JSON: Final = frozenset({"asked", "counts"})
_MOVES: Final = (
    "state",
    "because",
    "passed",
    "passed_bytes",
    "answer_bytes",
    "answer_frames",
    "answer_size",
    "counts",
    "first_at",
    "last_at",
    "finished_at",
)

_INSERT: Final = Sql(
    f"INSERT INTO permission_job ({_COLUMNS}) VALUES ({', '.join(f':{n}' for n in _KEPT)})"
)
_ONE: Final = Sql(f"SELECT {_COLUMNS} FROM permission_job WHERE {_ONE_JOB}")
_ALL: Final = Sql(
    f"SELECT {_COLUMNS} FROM permission_job WHERE {_OURS}"
    " ORDER BY recorded_at DESC, id LIMIT :most"
)
_OPEN: Final = Sql(f"SELECT count(*) FROM permission_job WHERE {_OURS} AND {_IS_OPEN}")
_TO_DO: Final = Sql(
    f"SELECT {_COLUMNS} FROM permission_job WHERE {_OURS} AND {_IS_OPEN} ORDER BY recorded_at"
)
_ADVANCE: Final = Sql(
    f"UPDATE permission_job SET {', '.join(f'{name} = :{name}' for name in _MOVES)}"
    f" WHERE {_ONE_JOB} AND {_IS_OPEN} AND passed = :from_passed"
    " AND answer_frames = :from_frames RETURNING id"
)
_DELETE: Final = Sql(f"DELETE FROM permission_job WHERE {_ONE_JOB}")
_FORGET: Final = Sql(f"DELETE FROM permission_job WHERE {_OURS} AND finished_at < :before")
_LEFT: Final = Sql(f"SELECT id, finished_at FROM permission_job WHERE {_OURS}")


class Gone(Exception):
    """The list was deleted while it was answered."""


class TooManyJobs(Problem):
    """The organisation has as many lists waiting as it may."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too_many_jobs"
    title = "Too many lists are waiting"


def folder(data: Path) -> Path:
    """Give the folder of the lists that wait; made for its owner alone."""
    place = data / "jobs"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def files_of(organisation: int, job: int, data: Path) -> tuple[Path, Path]:
    """Say where the question of a job lies, and where its answer."""
    place = folder(data)
    name = f"{public('org', organisation)}.{public('job', job)}"
    return place / f"{name}.question", place / f"{name}.answer"


def refuse_more(tx: Transaction, organisation: int) -> None:
    """Raise `TooManyJobs` if as many lists wait as may."""
    if tx.run(_OPEN, {"organisation": organisation})[0][0] >= MOST_OPEN:
        raise TooManyJobs(
            f"at most {MOST_OPEN} lists wait at once", headers={"Retry-After": "60"}
        )


def create(tx: Transaction, job: Job, *, now: datetime) -> None:
    """Write a list down."""
    tx.run(_INSERT, {name: _written(name, getattr(job, name)) for name in _KEPT})
    detail = {"bytes": job.total_bytes, "purpose": job.asked["purpose"]}
    note(tx, job, "list.left", detail, now)


def _written(name: str, value: Any) -> Any:
    return to_json(value) if name in _JSON else value


def note(tx: Transaction, job: Job, action: str, detail: dict[str, Any], now: datetime) -> None:
    """Leave a line in the audit trail, in the name of who left the list."""
    audit(
        tx,
        organisation=job.organisation_id,
        actor=job.actor,
        action=action,
        target=job.name,
        detail=detail,
        now=now,
    )


def find(tx: Transaction, organisation: int, name: str) -> Job:
    """Find a list by its public id; a foreign one and none are the same 404."""
    number = parse("job", name)
    rows = tx.run(_ONE, {"organisation": organisation, "id": number}) if number else []
    if not rows:
        raise NotFound
    return _read(rows[0])


def listed(tx: Transaction, organisation: int, most: int) -> list[Job]:
    """List the latest ones."""
    return [_read(row) for row in tx.run(_ALL, {"organisation": organisation, "most": most})]


def to_do(tx: Transaction, organisation: int) -> list[Job]:
    """List what is not answered yet, the oldest first."""
    return [_read(row) for row in tx.run(_TO_DO, {"organisation": organisation})]


def _read(row: Any) -> Job:
    values = dict(zip(_KEPT, row, strict=True))
    return Job(**{**values, **{name: as_json(values[name]) for name in _JSON}})


def _place(job: Job) -> dict[str, int]:
    return {"organisation": job.organisation_id, "id": job.id}


def advance(tx: Transaction, before: Job, job: Job) -> None:
    """Move the cursor from where it stood; or `Gone`."""
    moved = {name: _written(name, getattr(job, name)) for name in _MOVES}
    stood = {"from_passed": before.passed, "from_frames": before.answer_frames}
    if not tx.run(_ADVANCE, {**_place(job), **moved, **stood}):
        raise Gone


def delete(tx: Transaction, job: Job, actor: str, now: datetime) -> None:
    """Delete a list, and with it what it has of an answer; its clearance stays."""
    tx.run(_DELETE, _place(job))
    audit(
        tx,
        organisation=job.organisation_id,
        actor=actor,
        action="list.deleted",
        target=job.name,
        detail={"state": job.state},
        now=now,
    )


def forget(tx: Transaction, organisation: int, now: datetime) -> dict[str, bool]:
    """Delete the lists whose date has come; names those left, and whether each is answered."""
    tx.run(_FORGET, {"organisation": organisation, "before": to_micros(now - KEPT)})
    left = tx.run(_LEFT, {"organisation": organisation})
    return {public("job", number): finished is not None for number, finished in left}
