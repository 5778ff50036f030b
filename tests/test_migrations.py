"""The schema: what the migrations make is what the rooms declare, on both engines."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from consent_server.app import create_app
from consent_server.db import Base, db, engine_options
from consent_server.db.migrate import downgrade, upgrade
from consent_server.fsck import check_all
from consent_server.keyring import Keyring
from consent_server.tables import OUTSIDE_THE_WALL, walled
from consent_server.web.batches import batches_of
from tests.support import databases, nursery, postgres
from tests.support.house import make_house

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from consent_server.config import Settings
    from tests.support.clock import HandClock
    from tests.support.databases import Database, Engine
    from tests.support.house import House


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


def test_several_first_runs_at_once_make_one_deployment(bare: Settings) -> None:
    # As when a machine starts `consent init` for its server and for its worker.
    environment = {
        "PATH": os.defpath,
        "CONSENT_DATA": str(bare.data),
        "CONSENT_DATABASE_URL": bare.database_url,
        "CONSENT_MIGRATION_URL": bare.migration_url,
    }
    with ThreadPoolExecutor(4) as pool:
        done = list(
            pool.map(lambda _: nursery.run(["init"], environment, within=110), range(4))
        )
    assert [(each.returncode, each.stderr) for each in done] == [(0, "")] * 4
    Keyring.open(bare.keys)
    before = tables(bare)
    upgrade(bare)
    assert tables(bare) == before != set()
    assert list(bare.keys.glob("*.new")) == []


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


def test_what_stands_goes_back_to_rows_of_purposes_and_forward_again(
    bare: Settings, clock: HandClock
) -> None:
    upgrade(bare)
    Keyring.create(bare.keys)
    app = create_app(bare, clock=clock)
    with app.app_context():
        house = make_house(app, clock)
        _answers(house)
        house.ask({"email": "ada@people.example"})
        batches_of(app).flush()
        db.engine.dispose()
        before = _standing(bare)
        downgrade(bare, "0024")
        with connected(bare.migration_url) as connection:
            assert "body" not in {
                one["name"] for one in inspect(connection).get_columns("standing")
            }
        upgrade(bare)
        assert _standing(bare) == before
        assert {len(rows) > 3 for rows in before.values()} == {True}
        assert {row[-1] for row in before["identifier"]} == {0, 1}
        assert house.why({"email": "ada@people.example"}, "prospecting.email") == "consent"
        told = house.post("/v1/permissions/asked", {"subject": {"email": "ada@people.example"}})
        assert [each["count"] for each in told.get_json()["asked"]] == [1]
        assert list(check_all()) == []
        db.engine.dispose()


def _answers(house: House) -> None:
    """Let some people answer in every way that leaves something of its own to stand."""
    three = dict.fromkeys(("newsletter", "prospecting.email", "prospecting.phone"), "granted")
    paper = {"assertion": "evidenced", "evidence": "form 12"}
    for name in ("ada", "ben", "cleo"):
        house.tell({"email": f"{name}@people.example", "external_id": name}, choices=three)
        house.clock.advance(minutes=1)
    house.tell({"email": "ada@people.example"}, choices={"newsletter": "withdrawn"})
    house.clock.advance(minutes=1)
    house.tell({"email": "ada@people.example"}, **paper)
    first = house.choice("refuse_all")
    house.choose(first)
    house.clock.advance(minutes=1)
    house.choose(house.choice(visitor=first["visitor"], previous=first["id"]))


def _standing(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    found = {}
    with connected(settings.migration_url) as connection:
        # What an identifier claims is found again, too.
        for table in ("standing", "standing_end", "identifier"):
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"))
            rows = connection.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2, 3"))
            found[table] = [tuple(row) for row in rows]
        connection.rollback()
    return found
