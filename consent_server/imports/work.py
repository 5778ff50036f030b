"""The worker's part: carries on the imports that nobody else carries on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from .. import db
from ..clock import to_micros
from ..organisations import keys_of
from ..problems import Problem
from ..web import current
from . import jobs
from .jobs import Overtaken
from .run import Runner
from .spool import folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
    except (Problem, OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        # A fault of ours must not be met again every minute for ever.
        _log.exception("an import failed", job=name, error=type(error).__name__)
        runner.fail()
    else:
        _log.info("import", job=name, state=runner.job.state)
        if stopping() and runner.job.finished_at is None:
            runner.let_go()
    return True


def tidy(organisation: int) -> None:
    """Forget the imports that were done with thirty days ago."""
    with db.write(organisation) as tx:
        jobs.forget(tx, organisation, folder(current.settings().data), current.now())
