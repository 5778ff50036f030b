"""Opening a transaction: read or write is chosen before the first query.

On SQLite a write begins IMMEDIATE, because a read that turns into a write later loses to
any other writer at once, whatever the busy timeout (design.md §9).
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy.orm import Session

from .aside import Aside
from .base import db
from .engines import CLASHED, TROUBLE, begin_immediate, end_immediate
from .sql import Sql
from .transaction import SessionTransaction, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

    from .aside import Lent

Result = TypeVar("Result")
_TRIES: Final = 5
# An organisation's writers share a lock that one who is `alone` takes for itself: what the
# others have found cannot be erased before they have written. It is the first thing each of
# them takes, so nobody who holds another one waits for it. It is a number below zero: those
# above are of persons and organisations, which have locks of their own.
_WALL: Final = "SELECT set_config('consent.organisation', :organisation, true)"
_READING: Final = Sql("", _WALL)
_BESIDE: Final = Sql("", f"{_WALL}, pg_advisory_xact_lock_shared(:lock)")
_ALONE: Final = Sql("", f"{_WALL}, pg_advisory_xact_lock(:lock)")


@contextmanager
def write(organisation: int | None = None, *, alone: bool = False) -> Iterator[Transaction]:
    """Open one write transaction; commits at the end, rolls back on any exception.

    `alone`: the organisation's other writers have ended, and the next ones wait. On SQLite
    a writer has the whole database to itself anyway.
    """
    engine = db.engine.execution_options(consent_write=True)
    with _open(engine, organisation, _ALONE if alone else _BESIDE) as transaction:
        yield transaction
        transaction.session.commit()


def once_more(act: Callable[[], Result]) -> Result:
    """Act, and act again if another writer made the same new thing at the same moment.

    The other one is committed by then, and the next time it is found. A body names several
    new things, and each may be met by another writer. Links that move people while they are
    decided about may also make two writers wait for each other: one of them begins again.
    """
    for _ in range(_TRIES - 1):
        try:
            return act()
        except CLASHED:
            continue
    return act()


@contextmanager
def read(organisation: int | None = None) -> Iterator[Transaction]:
    """Open one read transaction; nothing it does is kept."""
    with _open(db.engine, organisation, _READING) as transaction:
        yield transaction


@contextmanager
def snapshot(organisation: int) -> Iterator[Transaction]:
    """Open a read transaction whose statements all see one and the same moment.

    SQLite's always do; PostgreSQL's must be told (REPEATABLE READ).
    """
    engine = db.engine
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with _open(engine, organisation, _READING) as transaction:
        yield transaction


@contextmanager
def _open(engine: Engine, organisation: int | None, opening: Sql) -> Iterator[Transaction]:
    with Session(engine, expire_on_commit=False) as session:
        transaction = SessionTransaction(session, organisation)
        if transaction.postgresql and organisation is not None:
            transaction.run(opening, {"organisation": str(organisation), "lock": -organisation})
        yield transaction


class _Writer:
    """A connection kept for the transactions of the hot journeys."""

    def __init__(self, engine: Engine, raw: Any) -> None:
        self._engine, self.raw = engine, raw

    def end(self) -> None:
        """Let the next writer in."""
        if self._engine.dialect.name == "sqlite":
            end_immediate(self._engine, self.raw)

    def close(self) -> None:
        """Hang up, and give up the place in the line."""
        self.raw.close()
        self.end()


_writers: Final = Aside(_Writer)


@contextmanager
def swift_write(organisation: int, *, lock: int = 0) -> Iterator[Transaction]:
    """Open a write transaction straight on the driver, for the journeys that are hot.

    Writers with the same `lock` follow each other. It is taken before the first query,
    so that what is read afterwards is what the one before left.
    """
    engine = db.engine
    lent = _writers.take(engine)
    writer = lent.line
    transaction = Transaction(writer.raw, engine, organisation)
    try:
        if transaction.postgresql:
            locks = [b"SELECT pg_advisory_xact_lock(%d)" % lock] if lock else []
            wall = b"SET LOCAL consent.organisation = '%d'" % organisation
            beside = b"SELECT pg_advisory_xact_lock_shared(-%d)" % organisation
            transaction.open_with(wall, beside, *locks)
        else:
            begin_immediate(engine, writer.raw)
        yield transaction
        transaction.commit()
    except BaseException as error:
        transaction.stop()
        _give_up(lent, error)
        raise
    writer.end()
    lent.keep()


def _give_up(lent: Lent[_Writer], error: BaseException) -> None:
    """Undo what was begun; a connection that may be broken is closed, and it ends with that."""
    harmless = isinstance(error, CLASHED) or not isinstance(error, TROUBLE)
    if isinstance(error, Exception) and harmless:
        with suppress(*TROUBLE):
            lent.line.raw.rollback()
            lent.line.end()
            lent.keep()
            return
    lent.drop()
