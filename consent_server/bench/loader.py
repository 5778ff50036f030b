"""Loading: the rows of many facts, written table by table as fast as each engine takes them.

On PostgreSQL column by column; on SQLite by one prepared statement, in the order of the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..db import Transaction, by_turn, columns_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..db import Columns, Insert, Sql

_DIRECTORY: Final = "organisation_directory"


class Loader(Transaction):
    """A transaction that takes in people nobody knows: what is looked for is not there."""

    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx._raw, tx._engine, tx.organisation)
        self._tx = tx
        self._kept: dict[Insert, dict[Any, Mapping[str, Any]]] = {}
        self.count = 0

    def later(self, insert: Insert, row: Mapping[str, Any]) -> None:
        """Gather a row; of a table that replaces, the last one for its key."""
        kept = self._kept.setdefault(insert, {})
        kept[tuple([row[name] for name in insert.key])] = row

    def run(self, sql: Sql, values: Mapping[str, Any] | None = None) -> list[Any]:
        """Find nobody; what is no question, or not about people, is run at once."""
        question = sql.sqlite.lstrip().upper().startswith("SELECT")
        if question and _DIRECTORY not in sql.sqlite:
            return []
        return self._tx.run(sql, values)

    def load(self) -> None:
        """Write everything gathered; the caller commits."""
        for insert, kept in by_turn(self._kept):
            rows = [kept[key] for key in sorted(kept)]
            if self.postgresql:
                self.write_columns(insert, columns_of(insert, rows))
            else:
                self.count += len(rows)
                self._raw.executemany(insert.sqlite, rows)
        self._kept = {}
        self._write_waiting()

    def write_columns(self, insert: Insert, columns: Columns) -> None:
        """Write rows given by column, and count them."""
        several = (len(each) for each in columns.values() if isinstance(each, list))
        self.count += next(several, 1)
        super().write_columns(insert, columns)

    def commit(self) -> None:
        """Refuse: the transaction commits."""
        raise NotImplementedError
