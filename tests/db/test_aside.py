"""Connections beside the pool: kept by whoever was well served, closed after any failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pysqlite3.dbapi2 as pysqlite
import pytest

from consent_server.db import Sql, db, read, swift_write
from consent_server.db.opening import _writers
from consent_server.ids import new_id
from consent_server.problems import NotFound
from tests.ledger.world import append_one

if TYPE_CHECKING:
    from flask import Flask

OURS: Final = 7
_RECORDS = Sql("SELECT id FROM ledger_record WHERE organisation_id = :organisation")


def written_on(record: int, error: Exception | None = None) -> Any:
    """Write a record; gives the connection it was written on."""
    with swift_write(OURS) as tx:
        append_one(tx, OURS, record_id=record)
        if error is not None:
            # A question comes after everything that waits to be written.
            tx.run(_RECORDS, {"organisation": OURS})
            raise error
        return tx._raw


def kept() -> set[int]:
    with read(OURS) as tx:
        return {number for (number,) in tx.run(_RECORDS, {"organisation": OURS})}


def test_the_next_writer_has_the_connection_of_the_last(app: Flask) -> None:
    one, other = new_id(), new_id()
    with app.app_context():
        assert written_on(one) is written_on(other)
        assert kept() == {one, other}


def test_who_is_refused_leaves_nothing_and_the_next_writes_on(app: Flask) -> None:
    mine = new_id()
    with app.app_context():
        first = written_on(new_id())
        with pytest.raises(NotFound):
            written_on(new_id(), NotFound())
        # On SQLite another connection would still find the refused one's place taken.
        assert written_on(mine) is first
        assert len(kept()) == 2


def test_trouble_closes_its_connection_and_those_that_wait(app: Flask) -> None:
    with app.app_context():
        with swift_write(OURS) as outer:
            first = outer._raw
        lent = [_writers.take(db.engine) for _ in range(2)]
        for each in lent:
            each.keep()
        with pytest.raises(pysqlite.OperationalError):
            written_on(new_id(), pysqlite.OperationalError("disk I/O error"))
        mine = new_id()
        assert written_on(mine) not in [first, *(each.line.raw for each in lent)]
        assert kept() == {mine}
