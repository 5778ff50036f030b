"""The worker's part: carries on the imports that nobody else carries on."""

from __future__ import annotations

import traceback
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from .. import db
from ..clock import to_micros
from ..ids import public
from ..organisations import keys_of
from ..web import current
from . import jobs
from .jobs import Overtaken
from .run import Runner
from .spool import folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_YOUNG: Final = timedelta(days=1)
_log = structlog.get_logger()


def carry_on(organisations: Iterable[int], stopping: Callable[[], bool]) -> bool:
    """Carry on one waiting import of each organisation; tells whether there was any."""
    # Each of them, also after one that had work: none waits for another's millions.
    return sum(_one(each, stopping) for each in organisations) > 0


def _one(organisation: int, stopping: Callable[[], bool]) -> bool:
    now = current.now()
    with db.read(organisation) as tx:
        name = jobs.free(tx, organisation, to_micros(now))
    if name is None or stopping():
        return False
    with db.write(organisation) as tx:
        if not jobs.take(tx, organisation, name, now):
            return False
        job = jobs.find(tx, keys_of(organisation, tx), name)
    runner = Runner(job)
    try:
        runner.run(stopping=stopping)
    except Overtaken:
        return True
    except db.TROUBLE:
        raise
    except Exception as error:  # noqa: BLE001 - it must not be met again for ever
        # Its words may hold what a row held: only its kind and its place are written down.
        _log.error("an import failed", job=name, error=type(error).__name__, at=_place(error))
        runner.fail()
    else:
        _log.info("import", job=name, state=runner.job.state)
        if stopping() and runner.job.finished_at is None:
            runner.let_go()
    return True


def _place(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"


def tidy(organisation: int) -> None:
    """Forget the imports that were done with thirty days ago, and files of none."""
    now = current.now()
    with db.write(organisation) as tx:
        left = jobs.forget(tx, organisation, now)
    # A file is there before its job is: what is young may yet get one.
    young = (now - _YOUNG).timestamp()
    for path in folder(current.settings().data).glob(f"{public('org', organisation)}.*"):
        if path.name.split(".")[1] not in left and path.stat().st_mtime < young:
            path.unlink(missing_ok=True)
