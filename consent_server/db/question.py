"""A question: one statement, one row of JSON, in one round trip behind the wall.

The hottest path asks nothing else. On SQLite one statement is its own read transaction, and
gives the interpreter's lock away once instead of at each of many. On PostgreSQL the statement
is planned once for each connection, and the connection stays behind the wall of whom it asked
for last: nothing but questions is asked there, and for anyone else the wall is moved first.
"""

from __future__ import annotations

import json
import re
from itertools import count
from select import POLLIN, poll
from threading import local
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import psycopg

from .aside import Aside
from .message import require_right

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine

    Values = Mapping[str, int | bytes]

_NAME: Final = re.compile(r"(?<![:\w]):(\w+)")
_DECODER: Final = json.JSONDecoder()
_numbers: Final = count(1)
# Seconds; a question takes less than a thousandth of it.
_PATIENCE: Final = 5.0
_of_thread: Final = local()


def hurry(seconds: float) -> None:
    """Let whatever this thread asks fail as soon as the database keeps it waiting."""
    _of_thread.patience = seconds


def patience() -> float:
    """Tell how long this thread waits for an answer of PostgreSQL's."""
    return getattr(_of_thread, "patience", _PATIENCE)


class Question:
    """A statement whose one row holds JSON; `:organisation` is always among its values."""

    def __init__(self, sqlite: str, postgresql: str) -> None:
        self.sqlite = sqlite
        self.postgresql = postgresql
        self.names = list(dict.fromkeys(_NAME.findall(postgresql)))
        numbered = _NAME.sub(lambda name: f"${self.names.index(name[1]) + 1}", postgresql)
        self.name = f"question_{next(_numbers)}".encode()
        self.numbered = numbered.encode()

    def ask(self, engine: Engine, organisation: int, values: Values) -> list[Any]:
        """Give the cells of the row: what is committed at this one moment."""
        lent = _lines.take(engine)
        try:
            cells = lent.line.ask(self, organisation, {**values, "organisation": organisation})
        except BaseException:
            lent.drop()
            raise
        lent.keep()
        # All of them at once: a reader of JSON takes longer to begin than to read a cell.
        found: list[Any]
        found, _ = _DECODER.raw_decode(f"[{cells}]")
        return found


class _Line:
    """A connection kept for questions alone."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def ask(self, question: Question, _organisation: int, values: Values) -> str:
        """Give the cells of the row, one after the other."""
        # All rows: one that waits would keep the read transaction open.
        (row,) = self._raw.execute(question.sqlite, values).fetchall()
        return ",".join(map(str, row))

    def close(self) -> None:
        self._raw.close()


class _PostgresqlLine(_Line):
    def __init__(self, raw: Any) -> None:
        super().__init__(raw)
        self._raw.autocommit = True
        self._pgconn = self._raw.pgconn
        self._prepared: set[Question] = set()
        self._behind = 0
        self._readable = poll()
        self._readable.register(self._pgconn.socket, POLLIN)

    def ask(self, question: Question, organisation: int, values: Values) -> str:
        if question not in self._prepared:
            self._heard(self._pgconn.prepare(question.name, question.numbered))
            self._prepared.add(question)
        if organisation != self._behind:
            # Not for one transaction: what follows is a message of its own, and half as dear
            # as an EXECUTE that travels with the wall.
            self._heard(self._pgconn.exec_(b"SET consent.organisation = '%d'" % organisation))
            self._behind = organisation
        given = [values[name] for name in question.names]
        binary = [isinstance(each, bytes) for each in given]
        texts = [each if isinstance(each, bytes) else b"%d" % each for each in given]
        self._pgconn.send_query_prepared(question.name, texts, binary)
        result = self._awaited()
        cells = [result.get_value(0, column) or b"null" for column in range(result.nfields)]
        return b",".join(cells).decode()

    def _awaited(self) -> Any:
        until = monotonic() + patience()
        while self._pgconn.is_busy():
            if not self._readable.poll(max(0.0, until - monotonic()) * 1000):
                raise psycopg.OperationalError("the database did not answer in time")
            self._pgconn.consume_input()
        result = self._pgconn.get_result()
        self._heard(result)
        # Nothing follows it; the connection is told so, and is ready again.
        self._pgconn.get_result()
        return result

    def _heard(self, result: Any) -> None:
        # Below the driver's cursors, which cost three times as much as what they do here.
        require_right(self._pgconn, result)


# Each thread may keep a line: enough for the inner pages of every index that is walked.
_CACHE_KIB: Final = 512


def _dressed(engine: Engine, raw: Any) -> _Line:
    if engine.dialect.name == "postgresql":
        return _PostgresqlLine(raw)
    raw.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
    return _Line(raw)


_lines: Final = Aside(_dressed)
