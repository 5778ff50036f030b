"""Two organisations on one application: what the tests of the outer wall stand on."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from consent_server.app import create_app
from consent_server.db import Base, Sql, db, read
from tests.support import databases
from tests.support.clock import HandClock
from tests.support.house import GROUND, House, house_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

    from tests.support.databases import Database, Engine

# Thousands of requests in a clock's one minute: the limits have tests of their own.
UNLIMITED = {
    f"CONSENT_LIMIT_{name}": "10000000/minute"
    for name in ("DECISIONS", "LOOKUPS", "WRITES", "PAGES")
}
QUIET = {"CONSENT_LOG_LEVEL": "ERROR"}


@dataclass
class Ground:
    """An application with two organisations that have nothing to do with each other."""

    app: Flask
    clock: HandClock
    database: Database
    ours: House
    theirs: House

    def dump(self) -> dict[str, list[str]]:
        """Give every row of every table, of both organisations, to be compared."""
        seen: dict[str, set[str]] = {}
        for house in (self.ours, self.theirs):
            with read(house.organisation) as tx:
                for name in Base.metadata.tables:
                    found = tx.run(Sql(f"SELECT * FROM {name}"))
                    seen.setdefault(name, set()).update(map(repr, found))
        return {name: sorted(found) for name, found in seen.items()}


@contextmanager
def ground_on(engine: Engine, run: Path, data: Path) -> Iterator[Ground]:
    """Make the two organisations on a fresh database of one engine."""
    with databases.fresh(engine, run, data, GROUND) as database:
        settings = database.settings(data, **QUIET, **UNLIMITED)
        told = databases.furniture_in(data)
        clock = HandClock()
        app = create_app(settings, clock=clock)
        with app.app_context():
            yield Ground(
                app=app,
                clock=clock,
                database=database,
                ours=house_in(app, clock, told, "cubalys"),
                theirs=house_in(app, clock, told, "hebergis"),
            )
            db.engine.dispose()


@pytest.fixture(scope="module")
def ground(
    engine: Engine, run_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    """Give two organisations on an application of this module's own."""
    with ground_on(engine, run_folder, tmp_path_factory.mktemp("ground") / "data") as made:
        yield made


def path_of(rule: Any, values: dict[str, str]) -> str:
    """Write the address of a rule of the URL map with these variables."""
    built = str(rule.rule)
    for name in rule.arguments:
        for converter in ("", "path:"):
            built = built.replace(f"<{converter}{name}>", values[name])
    return built
