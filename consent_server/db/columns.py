"""Columns: the rows of one table given column by column, written by one statement.

Whoever writes thousands of rows has most of their cells in common. On PostgreSQL what all rows
share stands in the statement once, and the rest travels as binary arrays: the server reads no
text, and takes some half of the time that rows of JSON cost it (decision 0041). SQLite takes
rows, in the order they come.
"""

from __future__ import annotations

import struct
from itertools import repeat
from os import dup
from select import POLLOUT, poll
from socket import AF_UNIX, SO_SNDBUF, SOL_SOCKET, socket
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from psycopg import OperationalError, adapters
from psycopg.adapt import Dumper, PyFormat
from psycopg.pq import Format

from .message import require_right

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .sql import Asked, Insert

# A list has a value for each row; anything else is the same in all of them.
Columns: TypeAlias = "Mapping[str, Any]"
_HEADER: Final = struct.Struct(">iiIii")
_NUMBER: Final = struct.Struct(">iq")
_LENGTH: Final = struct.Struct(">i")
_NULL: Final = b"\xff\xff\xff\xff"
_NUMBER_BYTES: Final = 8
# Asked of the kernel for what is on its way to a server of this machine.
_ON_ITS_WAY: Final = 8 << 20
# PostgreSQL's own numbers for the types of our columns; they never change.
_OIDS: Final = {"BIGINT": 20, "BYTEA": 17, "TEXT": 25, "JSON": 114}
_ARRAY_OIDS: Final = {"BIGINT": 1016, "BYTEA": 1001, "TEXT": 1009}
_KINDS: Final = {int: "BIGINT", bytes: "BYTEA", str: "TEXT"}


class Several(NamedTuple):
    """A list as one value of a statement, which PostgreSQL takes as an array, in binary."""

    values: list[Any]


class Message(NamedTuple):
    """A statement with its values, ready to be sent."""

    text: str
    values: list[bytes]
    binary: list[bool]


class _SeveralDumper(Dumper):
    """Writes lists of numbers, bytes or texts in a tenth of the time of the driver's own."""

    format = Format.BINARY

    def get_key(self, obj: Several, _format: PyFormat) -> Any:
        return type(self), type(obj.values[0])

    def upgrade(self, obj: Several, _format: PyFormat) -> Dumper:
        kind = _KINDS[type(obj.values[0])]
        dumper = type(self)(type(obj))
        dumper._kind, dumper.oid = kind, _ARRAY_OIDS[kind]
        return dumper

    _kind = ""

    def dump(self, obj: Several) -> bytes:
        return _array(self._kind, obj.values)


adapters.register_dumper(Several, _SeveralDumper)


def columns_of(insert: Insert, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Turn rows into columns; what all of them have in common is given once."""
    columns: dict[str, Any] = {}
    for name in insert.columns:
        columns[name] = _once([row.get(name) for row in rows])
    return columns


def _once(values: list[Any]) -> Any:
    """Give what all rows have in common instead of a list of it."""
    same = values[0] == values[-1] and values.count(values[0]) == len(values)
    return values[0] if same else values


def rows_of(insert: Insert, columns: Columns) -> list[tuple[Any, ...]]:
    """Turn columns into rows again, each in the order of the table's columns."""
    given = [columns.get(name) for name in insert.columns]
    return list(zip(*(one if isinstance(one, list) else repeat(one) for one in given)))  # noqa: B905 - those that repeat have no end


def message_of(insert: Insert, columns: Columns) -> Message:
    """Write the statement that writes rows of a table, given by column."""
    message = Message("", [], [])
    text = _insert(message, insert, columns)
    return message._replace(text=text)


def message_unless(
    question: Asked, several: Sequence[tuple[Insert, Columns]], organisation: int | None
) -> Message:
    """Write one statement that writes rows of several tables, and answers a question.

    The question sees what there was before the rows: whether they should have been written.
    """
    message = Message("", [], [])
    sql, lists = question
    asked = sql.postgresql.replace("%(organisation)s", str(organisation))
    for name, values in lists.items():
        message.values.append(_array(_KINDS[type(values[0])], values))
        message.binary.append(True)
        asked = asked.replace(f"%({name})s", f"${len(message.values)}")
    rows = [
        f"w{place} AS ({_insert(message, insert, columns)})"
        for place, (insert, columns) in enumerate(several)
    ]
    return message._replace(text=f"WITH {', '.join(rows)} {asked}")


def _insert(message: Message, insert: Insert, columns: Columns) -> str:
    cells = []
    for name in insert.columns:
        value = columns.get(name)
        kind = insert.kinds[name]
        if isinstance(value, list):
            # The server would open an array of it, row by row.
            value = _once(value)
        if value is None:
            cells.append("NULL")
        elif isinstance(value, int):
            cells.append(f"{int(value)}::bigint")
        else:
            several = isinstance(value, list)
            message.values.append(_array(kind, value) if several else _cell(value))
            message.binary.append(several or isinstance(value, bytes))
            place = f"${len(message.values)}::{kind.lower()}"
            cells.append(f"unnest({place}[])" if several else place)
    # The names are those of our own tables.
    return (
        f"INSERT INTO {insert.name} ({', '.join(insert.columns)})"
        f" SELECT {', '.join(cells)} {insert.or_else}"
    )


def send(raw: Any, message: Message) -> None:
    """Send a statement; `hear` what became of it before anything else is asked.

    Meanwhile the server writes its rows, and whoever sent them makes the next ones.
    """
    connection = raw.pgconn
    _widen(connection.socket)
    connection.send_query_params(message.text.encode(), message.values, None, message.binary)
    # The driver's connections never wait: what a socket does not take at once would lie here
    # until the answer is asked for, and the server would idle as long as we work.
    waiting = poll()
    waiting.register(connection.socket, POLLOUT)
    while connection.flush():
        waiting.poll()


def _widen(descriptor: int) -> None:
    """Let the kernel hold as much of a message as it may.

    What it does not take is moved to the front of the library's memory each time it takes some.
    """
    with socket(fileno=dup(descriptor)) as line:
        # Elsewhere it finds by itself how much the way takes.
        if line.family == AF_UNIX:
            line.setsockopt(SOL_SOCKET, SO_SNDBUF, _ON_ITS_WAY)


def hear(raw: Any) -> Any:
    """Wait for what was sent, and give its result.

    Raises what went wrong, as the driver's own cursors would.
    """
    connection = raw.pgconn
    results = list(iter(connection.get_result, None))
    if not results:
        raise OperationalError("the connection is lost")
    require_right(connection, results[0])
    return results[0]


def _cell(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def _array(kind: str, values: list[Any]) -> bytes:
    """Write an array of one dimension as PostgreSQL sends and receives it."""
    count = len(values)
    nulls = None in values
    if kind == "BIGINT":
        body = _numbers(values, nulls=nulls)
    else:
        body = _texts(values, nulls=nulls, text=kind != "BYTEA")
    return _HEADER.pack(1, nulls, _OIDS[kind], count, 1) + body


def _numbers(values: list[Any], *, nulls: bool) -> bytes:
    if nulls:
        pack = _NUMBER.pack
        return b"".join(
            [_NULL if each is None else pack(_NUMBER_BYTES, each) for each in values]
        )
    both = [_NUMBER_BYTES] * (2 * len(values))
    both[1::2] = values
    return struct.pack(f">{'iq' * len(values)}", *both)


def _texts(values: list[Any], *, nulls: bool, text: bool) -> bytes:
    pack = _LENGTH.pack
    if text:
        values = [None if each is None else each.encode() for each in values]
    if nulls:
        return b"".join([_NULL if each is None else pack(len(each)) + each for each in values])
    both = [b""] * (2 * len(values))
    both[0::2] = map(pack, map(len, values))
    both[1::2] = values
    return b"".join(both)
