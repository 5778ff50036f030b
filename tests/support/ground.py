"""Two organisations on one application: what the tests of the outer wall stand on."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from consent_server.app import create_app
from consent_server.db import Base, Sql, db, read
from consent_server.keyring import Keyring
from tests.support import databases
from tests.support.clock import HandClock
from tests.support.house import House, make_house

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

    def dump(self, *, without: frozenset[str] = frozenset()) -> dict[str, list[str]]:
        """Give every row of every table, of both organisations, to be compared."""
        return {
            name: sorted(
                {row for house in (self.ours, self.theirs) for row in rows(house, name)}
            )
            for name in sorted(Base.metadata.tables)
            if name not in without
        }

    def counts(self) -> dict[str, int]:
        """Count the rows of every table, of both organisations."""
        return {name: len(found) for name, found in self.dump().items()}


def rows(house: House, table: str) -> list[str]:
    """Give every row of a table that an organisation can see."""
    with read(house.organisation) as tx:
        return [repr(row) for row in tx.run(Sql(f"SELECT * FROM {table}"))]


@contextmanager
def ground_on(engine: Engine, run: Path, data: Path, **more: str) -> Iterator[Ground]:
    """Make the two organisations on a fresh database of one engine."""
    with databases.fresh(engine, run, data) as database:
        settings = database.settings(data, **{**QUIET, **UNLIMITED, **more})
        Keyring.create(settings.keys)
        clock = HandClock()
        app = create_app(settings, clock=clock)
        with app.app_context():
            yield Ground(
                app=app,
                clock=clock,
                database=database,
                ours=make_house(app, clock, "cubalys"),
                theirs=make_house(app, clock, "hebergis"),
            )
            db.engine.dispose()


def path_of(rule: Any, values: dict[str, str]) -> str:
    """Write the address of a rule of the URL map with these variables."""
    built = str(rule.rule)
    for name in rule.arguments:
        for converter in ("", "path:"):
            built = built.replace(f"<{converter}{name}>", values[name])
    return built
