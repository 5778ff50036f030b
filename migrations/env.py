"""Alembic's way in: the declared tables, and the connection that `db.upgrade` hands over."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from alembic import context

import consent_server.tables
from consent_server.db import Base

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Table

target_metadata = Base.metadata
assert consent_server.tables.ROOMS, "every room's tables must be known before comparing"  # noqa: S101

_ROWS, _OF_ONE_ORGANISATION, _OF_A_SORT, _OF_A_PERSON, _ONE = 1_000_000, 100_000, 50_000, 4, 1
_SORTS = frozenset({"kind", "level", "site_id", "log"})


def run() -> None:
    """Run the migrations on the connection given."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=target_metadata,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            tell_sqlite_how_rows_spread(connection)


def tell_sqlite_how_rows_spread(connection: Connection) -> None:
    """Write the statistics that the planner lacks until somebody runs ANALYZE.

    Without them it takes an organisation for a handful of rows and looks for a hash by
    reading all of them (https://sqlite.org/optoverview.html, "Manual control").
    """
    connection.exec_driver_sql("ANALYZE alembic_version")  # makes the table of statistics
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    for table in target_metadata.sorted_tables:
        for name, figures in _spread(table):
            connection.exec_driver_sql(
                "INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", (table.name, name, figures)
            )


def _spread(table: Table) -> Iterator[tuple[str, str]]:
    # The primary key goes by the table's own name.
    yield table.name, _figures(table.primary_key.columns.keys(), _ONE)
    for index in table.indexes:
        yield (
            str(index.name),
            _figures(index.columns.keys(), _ONE if index.unique else _OF_A_PERSON),
        )


def _figures(columns: Sequence[str], last: int) -> str:
    """Say how many rows there are, and how many share each longer prefix of the key."""
    # A longer prefix is never shared by more.
    shares = accumulate(map(_shared_by, columns[:-1]), min)
    return " ".join(map(str, [_ROWS, *shares, last]))


def _shared_by(column: str) -> int:
    if column == "organisation_id":
        return _OF_ONE_ORGANISATION
    return _OF_A_SORT if column in _SORTS else _OF_A_PERSON


run()
