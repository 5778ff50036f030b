"""Statements: written once, ready for both drivers; JSON beside them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

_NAME: Final = re.compile(r"%\((\w+)\)s")


class Sql:
    """A statement written once with `:names`, ready for both drivers."""

    __slots__ = ("postgresql", "sqlite")

    def __init__(self, sqlite: str, postgresql: str | None = None) -> None:
        self.sqlite = sqlite
        other = (postgresql or sqlite).replace("%", "%%")
        self.postgresql = re.sub(r"(?<![:\w]):(\w+)", r"%(\1)s", other)


Asked = tuple[Sql, Mapping[str, Any]]


@lru_cache(maxsize=256)
def as_one(statements: tuple[Sql, ...]) -> tuple[str, list[tuple[int, str]]]:
    """Write several statements as one, and say which value of which stands for each `$`."""
    numbers: dict[tuple[int, str], int] = {}
    parts = []
    for place, sql in enumerate(statements):

        def number(name: re.Match[str], place: int = place) -> str:
            return f"${numbers.setdefault((place, name[1]), len(numbers) + 1)}"

        parts.append(f"w{place} AS ({_NAME.sub(number, sql.postgresql).replace('%%', '%')})")
    return f"WITH {', '.join(parts)} SELECT 1", list(numbers)


def as_json(value: Any) -> Any:
    """Read a JSON column that came through `run`: text on SQLite, parsed on PostgreSQL."""
    return json.loads(value) if isinstance(value, str) else value


def to_json(value: Any) -> str:
    """Write a JSON column that goes through `run`."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
