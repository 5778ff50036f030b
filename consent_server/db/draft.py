"""A draft: rows of many tables, made before the transaction that will write them.

PostgreSQL writes them by one statement, whatever the number of tables: it takes the whole of it
in at once, and whoever sent it is free until it is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .columns import message_unless
from .transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .columns import Columns, Message
    from .sql import Asked, Insert, Sql


class NotYetAsked(Exception):
    """What was to be drafted asks the database something."""


class Draft(Transaction):
    """In place of a transaction for whoever only writes by columns: keeps what it is given."""

    def __init__(self, tx: Transaction) -> None:
        super().__init__(None, tx._engine, tx.organisation)
        self.written: list[tuple[Insert, Columns]] = []

    def write_columns(self, insert: Insert, columns: Columns) -> None:
        """Keep rows, given by column."""
        self.written.append((insert, columns))

    def unless(self, question: Asked) -> Message:
        """Write the statement that writes them all, and answers what forbids it.

        The question's lists are plain ones, its organisation is that of the transaction.
        """
        return message_unless(question, self.written, self.organisation)

    def run(self, sql: Sql, values: Mapping[str, Any] | None = None) -> list[Any]:
        """Refuse: there is nothing to ask yet."""
        raise NotYetAsked

    def run_together(self, statements: Sequence[Asked]) -> list[list[Any]]:
        """Refuse: there is nothing to ask yet."""
        raise NotYetAsked
