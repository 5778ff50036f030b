"""The worker's part: answers the lists that wait on this machine, and deletes old ones."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from ... import ledger
from ...db import TROUBLE, read, write
from ...ids import public
from ...organisations import keys_of
from ...web import current
from . import jobs
from .carry import OUR_FAULT, Carrier, held
from .order import Deployment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .job import Job

_YOUNG: Final = timedelta(days=1)
_log = structlog.get_logger()


def carry_on(organisations: Iterable[int], stopping: Callable[[], bool]) -> bool:
    """Answer one waiting list of each organisation; tells whether there was any."""
    # Each of them, also after one that had work: none waits for another's millions.
    return sum(_one(each, stopping) for each in organisations) > 0


def _one(organisation: int, stopping: Callable[[], bool]) -> bool:
    with read(organisation) as tx:
        waiting = jobs.to_do(tx, organisation)
    data = current.settings().data
    for job in waiting:
        if stopping():
            return False
        # One that was left with another machine lies there.
        with held(jobs.files_of(organisation, job.id, data)[0]) as mine:
            if mine:
                _carry(job, stopping)
                return True
    return False


def _carry(job: Job, stopping: Callable[[], bool]) -> None:
    organisation = job.organisation_id
    with read(organisation) as tx:
        # Once more, now that nobody else can carry it on.
        here = _here(organisation, job)
        carrier = Carrier(jobs.find(tx, organisation, job.name), here)
    if carrier.job.finished_at is not None:
        return
    try:
        carrier.run(stopping=stopping)
    except jobs.Gone:
        carrier.answer.unlink(missing_ok=True)
    except TROUBLE:
        raise
    except Exception as error:  # noqa: BLE001 - it must not be met again for ever
        # Its words may hold what a line held: only its kind is written down.
        _log.error("a list failed", job=job.name, error=type(error).__name__)
        carrier.fail(OUR_FAULT)
    else:
        _log.info("list", job=job.name, state=carrier.job.state)


def _here(organisation: int, job: Job) -> Deployment:
    settings = current.settings()
    return Deployment(
        data=settings.data,
        clock=current.clock(),
        keys=keys_of(organisation),
        signer=ledger.LogSigner.of(settings, current.keyring()),
        actor=job.actor,
    )


def tidy(organisation: int) -> None:
    """Delete the lists whose date has come, and files that nothing waits for."""
    now = current.now()
    with write(organisation) as tx:
        left = jobs.forget(tx, organisation, now)
    # A file is there before its job is: what is young may yet get one.
    young = (now - _YOUNG).timestamp()
    places = jobs.folder(current.settings().data).glob(f"{public('org', organisation)}.*")
    for path in places:
        _, job, what = path.name.split(".")
        needed = job in left and (what == "answer" or not left[job])
        if not needed and path.stat().st_mtime < young:
            path.unlink(missing_ok=True)
