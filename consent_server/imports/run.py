"""Running an import: batch after batch, each with the cursor that says it is done.

Two passes over the file: first every no and every fact, then the yeses, so that a no
anywhere in the file is there before a yes is judged, whatever the order of its lines.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from ..clock import to_micros
from ..collector import collect_young, uncollected
from ..db import CLASHED, Transaction, db, read, swift_write
from ..ids import public
from ..keyring import CannotOpen
from ..organisations import keys_of
from ..sealed_file import FileDamaged
from ..web import current
from . import jobs
from .batch import Batch
from .errors import ErrorsFile
from .guess import WrongGuess, guess, record_guessed
from .manner import manner_of, records_of
from .ready import Importing, importing
from .rules.rows import RowReader
from .rules.short import ShortReader
from .rules.values import Row
from .seen import Seen
from .sheets import Sheets
from .spool import folder, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from .guess import Guess
    from .job import Job
    from .parted import Outcome, Read
    from .sheets import Sheet

# On SQLite a batch holds the write lock, and a visitor's decision waits behind it.
_AT_ONCE: Final = {"sqlite": 250, "postgresql": 4000}
_TRIES: Final = 5
_PASSES: Final = 2


def files_of(organisation: int, job: str, data: Path) -> tuple[Path, Path]:
    """Say where the file of an import lies, and the file of its errors."""
    place, name = folder(data), f"{public('org', organisation)}.{job}"
    return place / f"{name}.spool", place / f"{name}.errors.csv"


class Runner:
    """Carries one import on, from where it stands to its end."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.keys = keys_of(job.organisation)
        self.spool, errors = files_of(job.organisation, job.name, current.settings().data)
        self.errors = ErrorsFile(errors)
        self._most = _AT_ONCE[db.engine.dialect.name]
        self._guess: Guess | None = None
        # Nobody of the last batch was known: so it will be with the next one.
        self._strangers = False

    def run(
        self,
        *,
        stopping: Callable[[], bool] = lambda: False,
        told: Callable[[Job], None] = lambda _: None,
    ) -> Job:
        """Carry on until the end, or until told to stop; raises `Overtaken`."""
        try:
            with self._seen() as seen:
                while self.job.phase <= _PASSES and not stopping():
                    self._pass(seen, stopping, told)
        except (CannotOpen, FileDamaged, FileNotFoundError):
            self._end("failed", "the file that was kept cannot be read: send it again")
        else:
            if self.job.phase > _PASSES:
                self._end("done", None)
        told(self.job)
        return self.job

    @contextmanager
    def _seen(self) -> Iterator[Seen | None]:
        if not self.job.dry:
            yield None
            return
        # Of a dry run that was broken off nothing is left but its counts.
        self._move(phase=1, passed=0, passed_bytes=0, errors_bytes=0, counts={})
        seen = Seen(self.spool.with_suffix(".seen"))
        try:
            yield seen
        finally:
            seen.close()

    def _end(self, state: str, because: str | None) -> None:
        self._move(state=state, because=because, finished_at=to_micros(current.now()))
        self.spool.unlink(missing_ok=True)

    def fail(self) -> None:
        """Give up, and say that the fault is ours."""
        self._end("failed", "a fault of this server stopped it: tell whoever runs it")

    def let_go(self) -> None:
        """Let another one carry it on at once."""
        with swift_write(self.job.organisation) as tx:
            jobs.let_go(tx, self.job)

    def _move(self, **to: Any) -> None:
        moved = replace(self.job, **to)
        with swift_write(self.job.organisation) as tx:
            jobs.advance(tx, self.job, moved, current.now())
        self.job = moved

    def _pass(
        self, seen: Seen | None, stopping: Callable[[], bool], told: Callable[[Job], None]
    ) -> None:
        asked = self.job.asked
        reader = ShortReader(RowReader(manner_of(asked)))
        with closing(text_of(self.spool, self.keys, self.job.id, self.job.total_bytes)) as text:
            yes = self.job.phase == _PASSES
            records = records_of(text, asked, None if yes else reader.are_yeses)
            # What was passed before a crash is read over.
            for _ in islice(records, self.job.passed):
                pass
            sheets = Sheets(records, reader, self._most, yes=yes)
            self._guess = None
            while sheet := sheets.take():
                with uncollected():
                    self._batch(sheet, seen, sheets.look)
                told(self.job)
                if stopping():
                    return
        self._move(phase=self.job.phase + 1, passed=0, passed_bytes=0)

    def _batch(self, sheet: Sheet, seen: Seen | None, look: Callable[[], Sheet | None]) -> None:
        yes, rows = self.job.phase == _PASSES, sheet.rows
        waits = frozenset(row.line for row in rows if isinstance(row, Row) and row.yes)

        def moved(outcomes: Sequence[Outcome]) -> Job:
            # A row that holds a no and a yes is counted with its yes.
            counting = outcomes if yes else [one for one in outcomes if one.line not in waits]
            counts = self.job.counted(counting)
            if not yes:
                counts["rows"] = counts.get("rows", 0) + sheet.records
            return replace(
                self.job,
                state="running",
                passed=self.job.passed + sheet.records,
                passed_bytes=sheet.until,
                counts=counts,
                errors_bytes=self.errors.write(self.job.errors_bytes, counting),
            )

        for left in range(_TRIES, 0, -1):
            try:
                self.job = self._recorded(rows, moved, seen, look, yes=yes)
            except WrongGuess:
                self._strangers = False
            except CLASHED:
                # Somebody wrote of the same people at the same moment: now they are found.
                if left == 1:
                    raise
            else:
                return

    def _recorded(
        self,
        rows: Sequence[Read],
        moved: Callable[[Sequence[Outcome]], Job],
        seen: Seen | None,
        look: Callable[[], Sheet | None],
        *,
        yes: bool,
    ) -> Job:
        organisation = self.job.organisation
        if seen is not None:
            with read(organisation) as tx:
                outcomes = Batch(tx, self._about(tx, seen)).record(rows, yes=yes)
            with swift_write(organisation) as tx:
                job = moved(outcomes)
                jobs.advance(tx, self.job, job, current.now())
            return job
        with swift_write(organisation) as tx:
            about = self._about(tx, None)
            made, self._guess = self._guess, None

            def meanwhile() -> None:
                sheet = look()
                if sheet and self._strangers:
                    self._guess = guess(tx, about, sheet.rows, yes=yes)
                    collect_young()

            if made is not None and made.holds(rows, about):
                outcomes = record_guessed(tx, about, made, meanwhile)
            else:
                batch = Batch(tx, about)
                outcomes = batch.record(rows, yes=yes)
                self._strangers = batch.strangers
                # The database still writes the last of them.
                meanwhile()
            job = moved(outcomes)
            jobs.advance(tx, self.job, job, current.now())
        return job

    def _about(self, tx: Transaction, seen: Seen | None) -> Importing:
        job = self.job
        return importing(tx, job.organisation, job.id, self.keys, key_id=job.key_id, seen=seen)
