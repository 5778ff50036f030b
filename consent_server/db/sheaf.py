"""A sheaf: the rows of many facts, bound together and written once, table by table.

Who records a thousand people in one transaction hands this to the rooms in place of the
transaction: what they leave for `later` waits for all of them, and a row that is replaced
twice is written as it was left last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .transaction import Transaction
from .waiting import by_turn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .sql import Asked, Insert, Reading, Sql


class Sheaf(Transaction):
    """A transaction that gathers rows instead of writing them; `bind` writes them.

    What is read through it does not see what is gathered: who needs that keeps it in mind.
    """

    def __init__(self, tx: Transaction, *, dry: bool = False) -> None:
        super().__init__(tx._raw, tx._engine, tx.organisation)
        self._tx = tx
        # Nothing is written, not even by the statements of others.
        self.dry = dry
        self._rows: dict[Insert, dict[Any, Mapping[str, Any]]] = {}

    def later(self, insert: Insert, row: Mapping[str, Any]) -> None:
        """Gather a row; of a table that replaces, the last one for its key."""
        kept = self._rows.setdefault(insert, {})
        kept[tuple(row[name] for name in insert.key) if insert.replaces else len(kept)] = row

    def run(self, sql: Sql, values: Mapping[str, Any] | None = None) -> list[Any]:
        """Run one statement; a dry sheaf runs questions alone."""
        if self.dry and not sql.sqlite.lstrip().upper().startswith("SELECT"):
            return []
        return self._tx.run(sql, values)

    def run_together(self, statements: Sequence[Asked]) -> list[list[Any]]:
        """Ask several questions."""
        return self._tx.run_together(statements)

    def look(self, reading: Reading, values: Mapping[str, int | str]) -> Any:
        """Read one cell of JSON."""
        return self._tx.look(reading, values)

    def lock_and_run(self, number: int, statements: Sequence[Asked]) -> list[list[Any]]:
        """Ask once the transactions that locked the same number before have ended."""
        return self._tx.lock_and_run(number, statements)

    def bind(self) -> int:
        """Leave everything gathered to the transaction; gives how many rows there were."""
        count = 0
        for insert, rows in by_turn(self._rows):
            count += len(rows)
            if not self.dry:
                for row in rows.values():
                    self._tx.later(insert, row)
        self._rows = {}
        return count

    def places(self) -> dict[Insert, int]:
        """Mark how much is gathered, for `drop`."""
        return {insert: len(rows) for insert, rows in self._rows.items()}

    def drop(self, places: Mapping[Insert, int]) -> None:
        """Drop what was gathered since a mark, of tables that only add."""
        for insert, rows in self._rows.items():
            if not insert.replaces:
                for place in range(places.get(insert, 0), len(rows)):
                    del rows[place]

    def commit(self) -> None:
        """Refuse: the transaction commits."""
        raise NotImplementedError
