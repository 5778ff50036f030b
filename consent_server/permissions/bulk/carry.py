"""Carrying a list on: batch after batch, each on the disk before the cursor passes it.

Whoever carries it holds a lock on the file of its question; the kernel gives the lock back
when a process dies, so that the next one goes on at once and two never write one answer.
"""

from __future__ import annotations

import fcntl
import hashlib
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ... import sealed_file
from ...clock import to_micros
from ...db import to_json, write
from ...keyring import CannotOpen
from ...sealed_file import FileDamaged, Seal
from . import jobs
from .asked import AskedSet
from .campaign import Campaign
from .clearance import Files, give_clearance
from .lots import in_lots
from .run import open_list

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from ...keyring import OrganisationKeys
    from .job import Job
    from .order import Deployment
    from .rows import Writer

QUESTION: Final = "permission_question"
ANSWER: Final = "permission_answer"
UNREADABLE: Final = "the list that was kept cannot be read: send it again"
OUR_FAULT: Final = "a fault of this server stopped it: tell whoever runs it"


@contextmanager
def held(question: Path) -> Iterator[bool]:
    """Hold a list for oneself; tells whether it is not held by somebody else, nor gone."""
    try:
        file = question.open("rb")
    except FileNotFoundError:
        yield False
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


class Carrier:
    """Carries one list on, from where it stands to its end."""

    def __init__(self, job: Job, here: Deployment) -> None:
        self.job = job
        self._here = here
        self.question, self.answer = jobs.files_of(job.organisation_id, job.id, here.data)
        self._seal = Seal(here.keys, ANSWER, job.id)
        self._sha256 = hashlib.sha256()
        self._read = 0

    def run(
        self,
        *,
        stopping: Callable[[], bool] = lambda: False,
        told: Callable[[Job], None] = lambda _: None,
    ) -> Job:
        """Carry on until the end, or until told to stop; raises `Gone` if it was deleted."""
        try:
            self._carry(stopping, told)
        except (CannotOpen, FileDamaged, FileNotFoundError):
            self.fail(UNREADABLE)
        if self.job.finished_at is not None:
            self.question.unlink(missing_ok=True)
        return self.job

    def fail(self, because: str) -> None:
        """Give up, and say why; nothing of an answer is kept."""
        now = self._here.clock()
        self._move(state="failed", because=because, finished_at=to_micros(now))
        self.answer.unlink(missing_ok=True)
        self.question.unlink(missing_ok=True)

    def _carry(self, stopping: Callable[[], bool], told: Callable[[Job], None]) -> None:
        here, order = self._here, self.job.order
        with ExitStack() as stack:
            about = stack.enter_context(closing(AskedSet(here.data)))
            source = stack.enter_context(closing(self._source()))
            reader, writer = open_list(order, source)
            campaign = Campaign(
                here.keys,
                order.purpose,
                order.channel,
                clock=here.clock,
                about=about,
                count=self.job.count(),
            )
            lots = in_lots(reader.lots())
            if self.job.passed:
                lots = campaign.recall(lots, self.job.passed)
            self._recall()
            file = stack.enter_context(self._open())
            if not self.job.answer_frames:
                self._write(file, writer.begin())
            for answered in campaign.answer(lots, waits=False):
                self._write(file, writer.lines(answered, order.only))
                file.settle()
                self._move(state="running", **self._stands(file, campaign))
                told(self.job)
                if stopping():
                    return
            self._end(file, writer, campaign, about)

    def _source(self) -> Generator[bytes]:
        seal = Seal(self._here.keys, QUESTION, self.job.id)
        for frame in sealed_file.frames(self.question, seal, self.job.total_bytes):
            self._read += len(frame)
            yield frame

    def _recall(self) -> None:
        # What was answered before a crash is answered: only its hash is worked out again.
        if self.job.answer_frames:
            for frame in sealed_file.frames(self.answer, self._seal, self.job.answer_bytes):
                self._sha256.update(frame)

    def _open(self) -> sealed_file.Writer:
        job = self.job
        return sealed_file.Writer(
            self.answer,
            self._seal,
            frames=job.answer_frames,
            size=job.answer_size,
            total=job.answer_bytes,
        )

    def _write(self, file: sealed_file.Writer, plain: bytes) -> None:
        file.write(plain)
        self._sha256.update(plain)

    def _stands(self, file: sealed_file.Writer, campaign: Campaign) -> dict[str, Any]:
        return {
            **self.job.counted(campaign.count),
            "passed_bytes": self._read,
            "answer_bytes": file.total,
            "answer_frames": file.frames,
            "answer_size": file.size,
        }

    def _move(self, **to: Any) -> None:
        moved = replace(self.job, **to)
        with write(moved.organisation_id) as tx:
            jobs.advance(tx, self.job, moved)
        self.job = moved

    def _end(
        self, file: sealed_file.Writer, writer: Writer, campaign: Campaign, about: AskedSet
    ) -> None:
        """Write the clearance and say that the answer is whole, or neither."""
        job, now = self.job, self._here.clock()
        files = Files(question=job.question_sha256, answer=self._sha256.hexdigest())
        parts = list(about.parts())
        with write(job.organisation_id) as tx:
            clearance = give_clearance(tx, self._here, job.clearance_id, campaign, parts, files)
            file.write(writer.end(to_json(clearance)))
            file.settle()
            done = replace(job, state="done", **self._stands(file, campaign))
            done = replace(done, finished_at=to_micros(now))
            jobs.advance(tx, job, done)
            jobs.note(tx, done, "list.answered", {"asked": done.passed}, now)
        self.job = done


def answer_of(job: Job, keys: OrganisationKeys, data: Path) -> Iterator[bytes]:
    """Give the answer of a list that is done, piece by piece."""
    _, path = jobs.files_of(job.organisation_id, job.id, data)
    return sealed_file.frames(path, Seal(keys, ANSWER, job.id), job.answer_bytes)
