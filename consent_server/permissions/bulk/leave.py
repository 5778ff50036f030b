"""Leaving a list: it is kept sealed, looked at, and written down for the worker."""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING

from ... import sealed_file
from ...clock import to_micros
from ...db import read, write
from ...ids import new_id
from ...sealed_file import Seal
from . import jobs
from .carry import QUESTION
from .job import Job
from .run import open_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .order import Deployment, Order


def leave_list(here: Deployment, order: Order, question: Iterable[bytes]) -> Job:
    """Keep a list until the worker comes to it; refuses one that cannot be read.

    Raises `OSError` when the disk is full; whatever is raised, nothing is kept.
    """
    organisation, number = here.keys.organisation, new_id()
    with read(organisation) as tx:
        jobs.refuse_more(tx, organisation)
    path, _ = jobs.files_of(organisation, number, here.data)
    seal, digest = Seal(here.keys, QUESTION, number), hashlib.sha256()
    try:
        total = sealed_file.write(path, seal, _hashing(question, digest.update))
        with closing(sealed_file.frames(path, seal, total)) as frames:
            open_list(order, frames)
        now = here.clock()
        job = Job(
            organisation_id=organisation,
            id=number,
            clearance_id=new_id(),
            recorded_at=to_micros(now),
            actor=here.actor,
            asked=asdict(order),
            question_sha256=digest.hexdigest(),
            total_bytes=total,
        )
        with write(organisation) as tx:
            jobs.create(tx, job, now=now)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return job


def _hashing(question: Iterable[bytes], update: Callable[[bytes], object]) -> Iterator[bytes]:
    for block in question:
        update(block)
        yield block
