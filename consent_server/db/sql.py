"""Statements: written once, ready for both drivers; JSON beside them."""

from __future__ import annotations

import json
import re
from binascii import b2a_base64
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from sqlalchemy.dialects.postgresql.base import PGDialect

from .message import Prepared


class Sql:
    """A statement written once with `:names`, ready for both drivers."""

    __slots__ = ("postgresql", "sqlite")

    def __init__(self, sqlite: str, postgresql: str | None = None) -> None:
        self.sqlite = sqlite
        other = (postgresql or sqlite).replace("%", "%%")
        self.postgresql = re.sub(r"(?<![:\w]):(\w+)", r"%(\1)s", other)


Asked = tuple[Sql, Mapping[str, Any]]


class Insert:
    """Rows for one table, as many as there are in one statement; values by column name.

    On PostgreSQL they travel as one JSON text: one value to bind whatever their number, so
    that the text of the statement, and with it its plan, stays the same. The server reads it
    letter by letter, so it is short, and has nothing to unescape: columns are numbered, bytes
    in base64, JSON columns stand in it as they are, byte for byte, and nulls are left out.
    """

    __slots__ = (
        "columns", "first", "key", "kinds", "last", "name", "or_else", "placed", "postgresql",
        "replaces", "sqlite",
    )  # fmt: skip

    def __init__(
        self,
        table: Any,
        *,
        or_else: str = "",
        or_else_sqlite: str | None = None,
        first: bool = False,
        last: bool = False,
    ) -> None:
        self.name = str(table.name)
        self.key = tuple(str(column.name) for column in table.primary_key.columns)
        self.replaces, self.or_else = bool(or_else), or_else
        or_else_sqlite = or_else if or_else_sqlite is None else or_else_sqlite
        # What is written of others at once looks at its rows: they go before.
        self.first = first
        # Of several rows for one key that wait together, the last is the one to be written.
        self.last = last
        self.columns = [str(column.name) for column in table.columns]
        names = ", ".join(self.columns)
        places = ", ".join(f":{name}" for name in self.columns)
        self.sqlite = f"INSERT INTO {self.name} ({names}) VALUES ({places}) {or_else_sqlite}"
        marks = ", ".join("?" * len(self.columns))
        self.placed = f"INSERT INTO {self.name} ({names}) VALUES ({marks}) {or_else_sqlite}"
        self.kinds = {
            str(column.name): str(column.type.compile(dialect=_POSTGRESQL))
            for column in table.columns
        }
        given = [(f"c{place}", self.kinds[name]) for place, name in enumerate(self.columns)]
        read = ", ".join(_READ.get(kind, "{}").format(short) for short, kind in given)
        shape = ", ".join(f"{short} {_GIVEN.get(kind, kind)}" for short, kind in given)
        self.postgresql = (
            f"INSERT INTO {self.name} ({names})"
            f" SELECT {read} FROM json_to_recordset(:rows) AS given({shape}) {or_else}"
        )


# How a column is given in the text of the rows, and read from it.
_GIVEN: Final = {"BYTEA": "text"}
_READ: Final = {"BYTEA": "decode({}, 'base64')"}
_COLUMNS: Final = re.compile(r"INSERT INTO \w+ \(([^)]*)\).* AS given\(([^)]*)\)")
_POSTGRESQL: Final = PGDialect()  # type: ignore[no-untyped-call] # as the library has it


@lru_cache(maxsize=256)
def as_one(inserts: tuple[Insert, ...]) -> Prepared:
    """Write several inserts as one statement for PostgreSQL, with `:rows0`, `:rows1` …."""
    parts = (
        f"w{place} AS ({insert.postgresql.replace(':rows', f':rows{place}')})"
        for place, insert in enumerate(inserts)
    )
    return Prepared(f"WITH {', '.join(parts)} SELECT 1")


class Reading:
    """A question whose answer is one cell of JSON; on PostgreSQL the last of several."""

    __slots__ = ("postgresql", "sqlite")

    def __init__(self, sqlite: str, *postgresql: str) -> None:
        self.sqlite = sqlite
        self.postgresql = [Prepared(each) for each in postgresql]


def rows_text(insert: str, rows: Iterable[Mapping[str, Any]]) -> str:
    """Write rows as an insert's text for PostgreSQL takes them."""
    columns, texts = _columns_of(insert)
    if texts:
        return f"[{','.join([_row_text(row, columns, texts) for row in rows])}]"
    return _ROWS.encode(
        [
            {columns[name]: value for name, value in row.items() if value is not None}
            for row in rows
        ]
    )


@lru_cache(maxsize=256)
def _columns_of(insert: str) -> tuple[dict[str, str], frozenset[str]]:
    """Tell how each column is called in the rows, and which are JSON texts already."""
    found = _COLUMNS.match(insert)
    if found is None:
        raise ValueError("rows are written by an insert of ours")
    names, shape = (part.split(", ") for part in found.groups())
    given = [each.split(" ", 1) for each in shape]
    texts = frozenset(short for short, kind in given if kind == "JSON")
    return dict(zip(names, (short for short, _ in given), strict=True)), texts


def _row_text(row: Mapping[str, Any], columns: Mapping[str, str], texts: frozenset[str]) -> str:
    plain, whole = {}, ""
    for name, value in row.items():
        if value is not None:
            short = columns[name]
            if short in texts:
                whole += f',"{short}":{value}'
            else:
                plain[short] = value
    # Every row has plain columns: those of its key.
    return f"{_ROWS.encode(plain)[:-1]}{whole}}}"


def _base64(value: bytes) -> str:
    return b2a_base64(value, newline=False).decode()


_ROWS: Final = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), default=_base64, check_circular=False
)


def as_json(value: Any) -> Any:
    """Read a JSON column that came through `run`: text on SQLite, parsed on PostgreSQL."""
    return json.loads(value) if isinstance(value, str) else value


def to_json(value: Any) -> str:
    """Write a JSON column that goes through `run`."""
    return _COMPACT.encode(value)


_COMPACT: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
