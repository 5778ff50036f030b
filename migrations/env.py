"""Alembic's way in: the declared tables, and the connection that `db.upgrade` hands over."""

from __future__ import annotations

from alembic import context

import consent_server.tables
from consent_server.db import Base

target_metadata = Base.metadata
assert consent_server.tables.ROOMS, "every room's tables must be known before comparing"  # noqa: S101


def run() -> None:
    """Run the migrations on the connection given."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=target_metadata,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
