"""Messages to PostgreSQL below the driver's cursors: several statements in one round trip.

Each statement is planned once for each connection; beginning, wall, statements and commit
travel in one text. The driver's cursors cost three times as much as what they do here.
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from psycopg import OperationalError
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, DiagnosticField, Escaping, ExecStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NAME: Final = re.compile(r"(?<![:\w]):(\w+)")
_RIGHT: Final = frozenset({ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK})
_numbers: Final = count(1)
# By connection: what it has planned.
_planned: Final[WeakKeyDictionary[Any, set[Prepared]]] = WeakKeyDictionary()


class Prepared:
    """A statement with `:names`, planned once for each connection that executes it."""

    def __init__(self, text: str) -> None:
        self.source = text
        self._names = list(dict.fromkeys(_NAME.findall(text)))
        numbered = _NAME.sub(lambda name: f"${self._names.index(name[1]) + 1}", text)
        self._name = f"message_{next(_numbers)}"
        self._plan = f"PREPARE {self._name} AS {numbered}".encode()

    def planned(self, raw: Any) -> None:
        """Plan it on this connection, if it is not yet; in no transaction of its own."""
        known = _planned.setdefault(raw, set())
        if self not in known:
            send(raw, self._plan)
            known.add(self)

    def text(self, raw: Any, values: Mapping[str, int | str]) -> bytes:
        """Write its execution with these values."""
        written = [_literal(raw.pgconn, values[name]) for name in self._names]
        return b"EXECUTE %b(%b)" % (self._name.encode(), b",".join(written))


def _literal(connection: Any, value: int | str) -> bytes:
    if isinstance(value, int):
        return b"%d" % value
    text = value.encode()
    # The library doubles every backslash, and the server then reads letter by letter.
    if connection.parameter_status(b"standard_conforming_strings") == b"on":
        if b"\0" in text:
            raise ValueError("a text cannot hold U+0000")
        return b"'%b'" % text.replace(b"'", b"''")
    return bytes(Escaping(connection).escape_literal(text))


def send(raw: Any, *statements: bytes) -> Sequence[Any]:
    """Send statements in one message; gives the cells of the last one's first row."""
    connection = raw.pgconn
    result = connection.exec_(b";".join(statements))
    require_right(connection, result)
    if not result.ntuples:
        return ()
    return [result.get_value(0, column) for column in range(result.nfields)]


def require_right(connection: Any, result: Any) -> None:
    """Raise what went wrong, if anything did, as the driver's own cursors would."""
    if result.status in _RIGHT and connection.status == ConnStatus.OK:
        return
    # A fault that the server did not name is the library's: the server is gone. The
    # connection need not have noticed yet.
    if connection.status != ConnStatus.OK or not result.error_field(DiagnosticField.SQLSTATE):
        raise OperationalError("the connection is lost")
    raise error_from_result(result)
