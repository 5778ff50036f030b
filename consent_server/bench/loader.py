"""Loading: the rows of many facts, written table by table as fast as each engine takes them.

On PostgreSQL by COPY into a table of this session and one INSERT from it, because nothing is
copied past the wall; on SQLite by one prepared statement, in the order of the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..db import Transaction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..db import Insert, Sql

    Rows = list[Mapping[str, Any]]


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
        for insert, kept in self._kept.items():
            self.count += len(kept)
            rows = [kept[key] for key in sorted(kept)]
            if self.postgresql:
                self._copy(insert, rows)
            else:
                self._raw.executemany(insert.sqlite, rows)
        self._kept = {}

    def _copy(self, insert: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
        # The names are those of our own tables.
        table, names = insert.name, ", ".join(insert.columns)
        aside = f"load_{table}"
        with self._raw.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMPORARY TABLE IF NOT EXISTS {aside} (LIKE {table})"
                " ON COMMIT DELETE ROWS"
            )
            with cursor.copy(f"COPY {aside} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row([row.get(name) for name in insert.columns])
            cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {aside}")  # noqa: S608
            cursor.execute(f"TRUNCATE {aside}")

    def commit(self) -> None:
        """Refuse: the transaction commits."""
        raise NotImplementedError
