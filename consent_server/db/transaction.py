"""A transaction: one connection, one way to ask, behind one organisation's wall."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from psycopg.pq import TransactionStatus

from .columns import Several, columns_of, hear, message_of, rows_of
from .columns import send as send_columns
from .message import send
from .sql import Asked, Insert, Reading, Sql, as_one, rows_text, to_json
from .waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from .columns import Columns, Message

_LOCK: Final = Sql("", "SELECT pg_advisory_xact_lock(:number)")
# So many rows are worth a statement for each table, planned for them alone.
_MANY: Final = 256


class Transaction:
    """One transaction on one connection, behind one organisation's wall."""

    def __init__(self, raw: Any, engine: Engine, organisation: int | None) -> None:
        self._raw = raw
        self._engine = engine
        self.organisation = organisation
        self.postgresql = engine.dialect.name == "postgresql"
        # What goes before the first statement, in its message.
        self._opening: list[bytes] = []
        self._waiting = Waiting()
        # Rows were sent, and what became of them is not heard yet.
        self._sent = False

    def run(self, sql: Sql, values: Mapping[str, Any] | None = None) -> list[Any]:
        """Run one statement and give its rows; none for a statement without rows."""
        self._write_waiting()
        if self.postgresql:
            self._open()
            return _fetched(self._raw.execute(sql.postgresql, values or {}))
        cursor = self._raw.execute(sql.sqlite, values or {})
        return cursor.fetchall() if cursor.description else []

    def later(self, insert: Insert, row: Mapping[str, Any]) -> None:
        """Write a row that nobody waits for: before the next statement, or the commit.

        Rows of one table are written by one statement; on PostgreSQL those of all tables.
        So no two of them may meet in one row, unless the insert says that the last one counts.
        """
        self._waiting.rows.append((insert, row))

    def mark(self) -> tuple[int, int]:
        """Mark how far the writing has come, for `forget`."""
        return self._waiting.mark()

    def forget(self, mark: tuple[int, int]) -> bool:
        """Drop the rows that wait since a mark; False if some may be written already."""
        return self._waiting.forget(mark)

    def _write_waiting(self) -> None:
        self._hear()
        if not self._waiting.rows:
            return
        rows = self._waiting.take()
        if not self.postgresql:
            for insert, several in rows.items():
                self._raw.executemany(insert.sqlite, several)
        elif self._waiting.taken >= _MANY:
            self._begin()
            for insert, several in rows.items():
                self._send_columns(insert, columns_of(insert, several))
            self._hear()
        else:
            send(self._raw, *self._opened(), self._inserts(rows))

    def write_columns(self, insert: Insert, columns: Columns) -> None:
        """Write many rows of one table, given by column: a list, or what all have in common."""
        if self._waiting.rows:
            self._write_waiting()
        if self.postgresql:
            self._begin()
            self._send_columns(insert, columns)
        else:
            self._raw.executemany(insert.placed, rows_of(insert, columns))

    def write_drafted(self, drafted: Message) -> None:
        """Send what a draft wrote, on PostgreSQL; what became of it, `forbidden` tells.

        Meanwhile whoever sent it may go on.
        """
        self._write_waiting()
        self._begin()
        # A plan for just these values would hold a copy of all of them, and be no other.
        send(self._raw, b"SET LOCAL plan_cache_mode = force_generic_plan")
        send_columns(self._raw, drafted)
        self._sent = True

    def forbidden(self) -> bool:
        """Wait for what `write_drafted` sent; tells whether it must be undone."""
        self._sent = False
        return bool(hear(self._raw).get_value(0, 0) != b"f")

    def _send_columns(self, insert: Insert, columns: Columns) -> None:
        message = message_of(insert, columns)
        self._hear()
        send_columns(self._raw, message)
        self._sent = True

    def _hear(self) -> None:
        if self._sent:
            self._sent = False
            hear(self._raw)

    def stop(self) -> None:
        """Hear what was sent before it is undone, whatever became of it."""
        with suppress(Exception):
            self._hear()

    def _inserts(self, rows: Mapping[Insert, Sequence[Mapping[str, Any]]]) -> bytes:
        statement = as_one(tuple(rows))
        statement.planned(self._raw)
        values = {
            f"rows{place}": rows_text(insert.postgresql, each)
            for place, (insert, each) in enumerate(rows.items())
        }
        return statement.text(self._raw, values)

    def look(self, reading: Reading, values: Mapping[str, int | str]) -> Any:
        """Read one cell of JSON, in one round trip."""
        self._write_waiting()
        if not self.postgresql:
            ((cell,),) = self._raw.execute(reading.sqlite, values).fetchall()
            return json.loads(cell)
        for statement in reading.postgresql:
            statement.planned(self._raw)
        texts = [statement.text(self._raw, values) for statement in reading.postgresql]
        (cell,) = send(self._raw, *self._opened(), *texts)
        return json.loads(cell)

    def run_together(self, statements: Sequence[Asked]) -> list[list[Any]]:
        """Ask several questions, one after the other, none waiting for an answer.

        On PostgreSQL they travel in one round trip.
        """
        if not self.postgresql:
            return [self.run(sql, values) for sql, values in statements]
        self._write_waiting()
        self._open()
        with self._raw.pipeline():
            cursors = [self._raw.execute(sql.postgresql, values) for sql, values in statements]
        return [_fetched(cursor) for cursor in cursors]

    def open_with(self, *statements: bytes) -> None:
        """Let statements go before the first one, in its round trip; PostgreSQL only."""
        self._opening = list(statements)

    def commit(self) -> None:
        """Write what waits and keep everything, in one round trip."""
        self._hear()
        if self.postgresql and 0 < len(self._waiting.rows) < _MANY:
            statement = self._inserts(self._waiting.take())
            send(self._raw, *self._opened(), statement, b"COMMIT")
            return
        self._write_waiting()
        self._raw.commit()

    def _open(self) -> None:
        if self._opening:
            send(self._raw, *self._opened())

    def _begin(self) -> None:
        """Begin what a message below the driver's cursors would not."""
        if not self._sent and (begun := self._opened()):
            send(self._raw, *begun)

    def _opened(self) -> list[bytes]:
        opening, self._opening = self._opening, []
        # The driver begins by itself only what goes through its cursors.
        begun = self._raw.pgconn.transaction_status != TransactionStatus.IDLE
        return opening if begun else [b"BEGIN", *opening]

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

    def several(self, values: Sequence[Any]) -> Any:
        """Write a list as a value: an array on PostgreSQL; JSON, bytes in hexadecimal, else."""
        if self.postgresql:
            # Of an empty list nobody knows the kind: the statement says it.
            return Several(list(values)) if values else []
        return to_json([each.hex() if isinstance(each, bytes) else each for each in values])

    def rows(self, sql: Sql, values: Mapping[str, Any] | None = None) -> Iterator[Any]:
        """Run one statement and stream its rows, holding only some in memory."""
        self._hear()
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

    def later(self, insert: Insert, row: Mapping[str, Any]) -> None:
        """Write at once: the session may read it back behind our back."""
        self.session.flush()
        super().later(insert, row)
        self._write_waiting()


def _fetched(cursor: Any) -> list[Any]:
    # `description` would describe every column first.
    return cursor.fetchall() if cursor.pgresult and cursor.pgresult.nfields else []
