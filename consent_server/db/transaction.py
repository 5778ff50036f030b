"""A transaction: one connection, one way to ask, behind one organisation's wall."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import psycopg

from .sql import Asked, Sql, as_one

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

_LOCK: Final = Sql("", "SELECT pg_advisory_xact_lock(:number)")


class Transaction:
    """One transaction on one connection, behind one organisation's wall."""

    def __init__(self, raw: Any, engine: Engine, organisation: int | None) -> None:
        self._raw = raw
        self._engine = engine
        self.organisation = organisation
        self.postgresql = engine.dialect.name == "postgresql"
        self._opening: Asked | None = None
        self._waiting: list[Asked] = []

    def run(self, sql: Sql, values: Mapping[str, Any] | None = None) -> list[Any]:
        """Run one statement and give its rows; none for a statement without rows."""
        if not self.postgresql:
            cursor = self._raw.execute(sql.sqlite, values or {})
            return cursor.fetchall() if cursor.description else []
        if self._opening:
            return self.run_together([(sql, values or {})])[0]
        self._write_waiting()
        return _fetched(self._raw.execute(sql.postgresql, values or {}))

    def later(self, sql: Sql, values: Mapping[str, Any]) -> None:
        """Write something that nobody waits for: before the next statement, or the commit.

        On PostgreSQL all that waits is written by one statement. So none of it may touch
        a row that another part of it touches.
        """
        if self.postgresql:
            self._waiting.append((sql, values))
        else:
            self.run(sql, values)

    def _write_waiting(self) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            text, names = as_one(tuple(sql for sql, _ in waiting))
            values = [waiting[place][1][name] for place, name in names]
            # The driver takes a long text apart again each time unless it is numbered.
            psycopg.RawCursor(self._raw).execute(text, values)

    def run_together(self, statements: Sequence[Asked]) -> list[list[Any]]:
        """Ask several questions, one after the other, none waiting for an answer.

        On PostgreSQL they travel in one round trip, behind the wall of their own short
        transaction when none is open.
        """
        if not self.postgresql:
            return [self.run(sql, values) for sql, values in statements]
        with self._raw.pipeline():
            self._open()
            self._write_waiting()
            cursors = [self._raw.execute(sql.postgresql, values) for sql, values in statements]
        return [_fetched(cursor) for cursor in cursors]

    def open_with(self, sql: Sql, values: Mapping[str, Any]) -> None:
        """Let a statement go before the first one, in its round trip."""
        self._opening = (sql, values)

    def commit(self) -> None:
        """Write what waits and keep everything, in one round trip."""
        if self._waiting:
            with self._raw.pipeline():
                self._open()
                self._write_waiting()
                self._raw.commit()
        else:
            self._raw.commit()

    def _open(self) -> None:
        if self._opening:
            sql, values = self._opening
            self._raw.execute(sql.postgresql, values)
            if not self._raw.autocommit:
                self._opening = None

    def lock_and_run(self, number: int, statements: Sequence[Asked]) -> list[list[Any]]:
        """Ask once the transactions that locked the same number before have ended.

        What is read is what the one before left. On SQLite a write transaction has the
        database to itself already.
        """
        if self.postgresql:
            return self.run_together([(_LOCK, {"number": number}), *statements])[1:]
        return self.run_together(statements)

    def run_many(self, sql: Sql, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run one statement for each row, without answers."""
        if not rows:
            return
        self._write_waiting()
        text = sql.postgresql if self.postgresql else sql.sqlite
        cursor = self._raw.cursor()
        cursor.executemany(text, rows)
        cursor.close()

    def rows(self, sql: Sql, values: Mapping[str, Any] | None = None) -> Iterator[Any]:
        """Run one statement and stream its rows, holding only some in memory."""
        text = sql.postgresql if self.postgresql else sql.sqlite
        if self.postgresql:
            with self._raw.cursor(name="stream") as cursor:
                cursor.itersize = 2000
                cursor.execute(text, values or {})
                yield from cursor
        else:
            yield from self._raw.execute(text, values or {})

    @cached_property
    def session(self) -> Session:
        """An ORM session on this same transaction, for statements that are not hot."""
        raise NotImplementedError


class SessionTransaction(Transaction):
    """A transaction shared with an ORM session."""

    def __init__(self, session: Session, organisation: int | None) -> None:
        connection = session.connection()
        raw = connection.connection.driver_connection
        super().__init__(raw, connection.engine, organisation)
        self.__dict__["session"] = session

    def run(self, sql: Sql, values: Mapping[str, Any] | None = None) -> list[Any]:
        """Run one statement, after what the session holds back."""
        # What the ORM holds back must be visible to the statement that follows it.
        self.session.flush()
        return super().run(sql, values)

    def later(self, sql: Sql, values: Mapping[str, Any]) -> None:
        """Write at once: others of this transaction may read it."""
        # The session may read it back behind our back.
        self.run(sql, values)


def _fetched(cursor: Any) -> list[Any]:
    # `description` would describe every column first.
    return cursor.fetchall() if cursor.pgresult and cursor.pgresult.nfields else []
