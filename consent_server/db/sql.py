"""Statements: written once, ready for both drivers; JSON beside them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
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
    that the text of the statement, and with it its plan, stays the same.
    """

    __slots__ = ("_columns", "key", "name", "postgresql", "replaces", "sqlite")

    def __init__(self, table: Any, *, or_else: str = "") -> None:
        self.name = str(table.name)
        self.key = tuple(str(column.name) for column in table.primary_key.columns)
        self.replaces = bool(or_else)
        self._columns = [str(column.name) for column in table.columns]
        names = ", ".join(self._columns)
        places = ", ".join(f":{name}" for name in self._columns)
        self.sqlite = f"INSERT INTO {self.name} ({names}) VALUES ({places}) {or_else}"
        kinds = {
            str(column.name): str(column.type.compile(dialect=_POSTGRESQL))
            for column in table.columns
        }
        read = ", ".join(f"{n}::json" if kinds[n] == "JSON" else n for n in self._columns)
        shape = ", ".join(f"{n} {_TEXT.get(kinds[n], kinds[n])}" for n in self._columns)
        self.postgresql = (
            f"INSERT INTO {self.name} ({names})"
            f" SELECT {read} FROM json_to_recordset(:rows) AS given({shape}) {or_else}"
        )


# A JSON column is given as the text that we write ourselves, byte for byte.
_TEXT: Final = {"JSON": "text"}
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


def rows_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Write rows as `Insert` takes them on PostgreSQL."""
    return _ROWS.encode(rows)


def _hexadecimal(value: bytes) -> str:
    return f"\\x{value.hex()}"


_ROWS: Final = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), default=_hexadecimal, check_circular=False
)


def as_json(value: Any) -> Any:
    """Read a JSON column that came through `run`: text on SQLite, parsed on PostgreSQL."""
    return json.loads(value) if isinstance(value, str) else value


def to_json(value: Any) -> str:
    """Write a JSON column that goes through `run`."""
    return _COMPACT.encode(value)


_COMPACT: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
