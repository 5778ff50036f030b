"""A question: one statement, one row of JSON, in one round trip behind the wall.

The hottest path asks nothing else. On SQLite one statement is its own read transaction, and
gives the interpreter's lock away once instead of at each of many. On PostgreSQL the wall and
the statement are one message: an implicit transaction, planned once for each connection.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from psycopg import OperationalError
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Engine

    Values = Mapping[str, int | bytes]

_LIFETIME_SECONDS: Final = 1800
_NAME: Final = re.compile(r"(?<![:\w]):(\w+)")
_numbers: Final = count(1)
# Connections that wait for the next question; the one used last is used next.
_idle: Final[WeakKeyDictionary[Engine, list[_Line]]] = WeakKeyDictionary()


class Question:
    """A statement whose one row holds JSON; `:organisation` is always among its values."""

    def __init__(self, sqlite: str, postgresql: str) -> None:
        self.sqlite = sqlite
        self.postgresql = postgresql
        names = list(dict.fromkeys(_NAME.findall(postgresql)))
        holes = ", ".join(f"%({name})s" for name in names)
        numbered = _NAME.sub(lambda name: f"${names.index(name[1]) + 1}", postgresql)
        self._name = f"question_{next(_numbers)}"
        self.prepare = f"PREPARE {self._name} AS {numbered}".encode()
        # The wall stands before the statement is looked at, and falls with its transaction.
        self._message = (
            f"SET LOCAL consent.organisation = '%(organisation)s';EXECUTE {self._name}({holes})"
        )

    def ask(self, engine: Engine, organisation: int, values: Values) -> list[Any]:
        """Give the cells of the row: what is committed at this one moment."""
        idle = _idle_of(engine)
        line = _next(idle) or _opened(engine)
        try:
            cells = line.ask(self, {**values, "organisation": organisation})
        except BaseException:
            # What broke this one has broken those that wait, too.
            line.close()
            _close_all(idle)
            raise
        idle.append(line)
        return _read(cells)

    def message(self, values: Values) -> bytes:
        """Write the wall and the statement; whole numbers and bytes need no quoting."""
        written = {
            name: f"'\\x{value.hex()}'" if isinstance(value, bytes) else f"{value:d}"
            for name, value in values.items()
        }
        return (self._message % written).encode()


class _Line:
    """A connection outside the pool, kept for questions alone."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._until = monotonic() + _LIFETIME_SECONDS

    @property
    def old(self) -> bool:
        return monotonic() > self._until

    def ask(self, question: Question, values: Values) -> Sequence[Any]:
        # All rows: one that waits would keep the read transaction open.
        row: Sequence[Any]
        (row,) = self._raw.execute(question.sqlite, values).fetchall()
        return row

    def close(self) -> None:
        self._raw.close()


class _PostgresqlLine(_Line):
    def __init__(self, raw: Any) -> None:
        super().__init__(raw)
        self._raw.autocommit = True
        self._prepared: set[Question] = set()

    def ask(self, question: Question, values: Values) -> Sequence[Any]:
        if question not in self._prepared:
            self._execute(question.prepare, ExecStatus.COMMAND_OK)
            self._prepared.add(question)
        result = self._execute(question.message(values), ExecStatus.TUPLES_OK)
        return [result.get_value(0, column) or b"null" for column in range(result.nfields)]

    def _execute(self, message: bytes, right: ExecStatus) -> Any:
        # Below the driver's cursors, which cost three times as much as what they do here.
        connection = self._raw.pgconn
        result = connection.exec_(message)
        if connection.status != ConnStatus.OK:
            raise OperationalError("the connection is lost")
        if result.status != right:
            raise error_from_result(result)
        return result


def _opened(engine: Engine) -> _Line:
    pooled = engine.raw_connection()
    raw = pooled.driver_connection
    # The pool is for transactions; these would use it up.
    pooled.detach()
    return _PostgresqlLine(raw) if engine.dialect.name == "postgresql" else _Line(raw)


def _read(cells: Sequence[Any]) -> list[Any]:
    # All of them at once: a reader of JSON takes longer to begin than to read a cell.
    texts = [cell.decode() if isinstance(cell, bytes) else str(cell) for cell in cells]
    found: list[Any] = json.loads(f"[{','.join(texts)}]")
    return found


def _next(idle: list[_Line]) -> _Line | None:
    with suppress(IndexError):
        line = idle.pop()
        if not line.old:
            return line
        line.close()
    return None


def _idle_of(engine: Engine) -> list[_Line]:
    idle = _idle.get(engine)
    if idle is None:
        idle = _idle.setdefault(engine, [])
        event.listen(engine, "engine_disposed", lambda _: _close_all(idle))
    return idle


def _close_all(idle: list[_Line]) -> None:
    while idle:
        idle.pop().close()
