"""The schema: what the migrations make is what the rooms declare, on both engines."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from consent_server.db import Base, engine_options
from consent_server.db.migrate import downgrade, upgrade
from consent_server.tables import OUTSIDE_THE_WALL, walled
from tests.support import databases, postgres

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from consent_server.config import Settings
    from tests.support.databases import Database, Engine


@pytest.fixture
def bare(engine: Engine, run_folder: Path, tmp_path: Path) -> Iterator[Settings]:
    """Give a deployment whose database holds nothing at all."""
    with databases.empty(engine, run_folder, tmp_path / "data") as made:
        yield made.settings(tmp_path / "data")


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url, **engine_options(url))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def tables(settings: Settings) -> set[str]:
    with connected(settings.migration_url) as connection:
        return set(inspect(connection).get_table_names())


def test_the_migrated_schema_is_what_the_rooms_declare(database: Database) -> None:
    with connected(database.migration_url) as connection:
        # An index may be one engine's only.
        here = {None, connection.dialect.name}
        opts = {
            "compare_type": True,
            "include_object": lambda what, *_: what.info.get("only") in here,
        }
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_again_changes_nothing(settings: Settings) -> None:
    before = tables(settings)
    upgrade(settings)
    assert tables(settings) == before


def test_going_back_leaves_nothing_and_forward_makes_everything_again(bare: Settings) -> None:
    upgrade(bare)
    there = tables(bare)
    downgrade(bare, "base")
    assert tables(bare) <= {"alembic_version"}
    upgrade(bare)
    assert tables(bare) == there


def test_every_table_has_its_side_of_the_wall(database: Database) -> None:
    with connected(database.migration_url) as connection:
        found = set(inspect(connection).get_table_names())
    assert found == set(walled()) | OUTSIDE_THE_WALL


def test_every_table_behind_the_wall_leads_with_its_organisation() -> None:
    leading = {
        name: Base.metadata.tables[name].primary_key.columns.keys()[0] for name in walled()
    }
    assert set(leading.values()) == {"organisation_id"}


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_wall_row_level_security_is_forced_on_every_table_behind_it(database: Database) -> None:
    with connected(database.migration_url) as connection:
        rows = connection.execute(
            text(
                "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')"
                " AND relrowsecurity AND relforcerowsecurity"
            )
        )
        assert {row[0] for row in rows} == set(walled())


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_wall_the_role_that_serves_owns_nothing_and_bypasses_nothing(
    database: Database,
) -> None:
    with connected(database.url) as connection:
        rights = connection.execute(
            text("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        ).one()
        owners = connection.execute(
            text("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
        )
        assert tuple(rights) == (False, False)
        assert {row[0] for row in owners} == {postgres.OWNER}
