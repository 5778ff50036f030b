"""Waiting: rows that nobody waits for, until the next statement or the commit writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .sql import Insert

_Rows = TypeVar("_Rows")


class Waiting:
    """The rows of one transaction that are to be written, in the order in which they came."""

    def __init__(self) -> None:
        self.rows: list[tuple[Insert, Mapping[str, Any]]] = []
        # How often rows were taken, and how many the last time.
        self._times = self.taken = 0

    def mark(self) -> tuple[int, int]:
        """Mark how far the writing has come, for `forget`."""
        return self._times, len(self.rows)

    def forget(self, mark: tuple[int, int]) -> bool:
        """Drop the rows that wait since a mark; False if some may be written already."""
        times, waiting = mark
        if times == self._times:
            del self.rows[waiting:]
            return True
        # What was written since then is exactly what others had left waiting.
        if times + 1 == self._times and self.taken == waiting:
            self.rows.clear()
            return True
        return False

    def take(self) -> dict[Insert, list[Mapping[str, Any]]]:
        """Take all of them, by table."""
        rows: dict[Insert, list[Mapping[str, Any]]] = {}
        for insert, row in self.rows:
            rows.setdefault(insert, []).append(row)
        for insert, several in rows.items():
            if insert.last and len(several) > 1:
                rows[insert] = _as_left(insert, several)
        self.taken, self.rows = len(self.rows), []
        self._times += 1
        return dict(by_turn(rows))


def by_turn(rows: Mapping[Insert, _Rows]) -> list[tuple[Insert, _Rows]]:
    """Give the rows of several tables in the order in which they are to be written."""
    return sorted(rows.items(), key=lambda each: not each[0].first)


def _as_left(insert: Insert, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    last = {tuple([row[name] for name in insert.key]): row for row in rows}
    return list(last.values())
