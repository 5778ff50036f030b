"""Fresh, migrated databases on either engine: each a copy of one that was migrated once."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from consent_server.config import Settings
from consent_server.db.migrate import upgrade
from tests.support import postgres
from tests.support.shared import once

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Engine = Literal["sqlite", "postgresql"]
ENGINES: tuple[Engine, ...] = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Database:
    """Where a database is, for the server and for whoever migrates it."""

    engine: Engine
    url: str
    migration_url: str

    def environment(self, data: Path) -> dict[str, str]:
        """Give the settings of a deployment that uses this database."""
        return {
            "CONSENT_DATA": str(data),
            "CONSENT_DATABASE_URL": self.url,
            "CONSENT_MIGRATION_URL": self.migration_url,
        }

    def settings(self, data: Path, **more: str) -> Settings:
        """Read settings as the server would, from an environment of our own."""
        return Settings.from_environment({**self.environment(data), **more})


@contextmanager
def fresh(engine: Engine, run: Path, data: Path) -> Iterator[Database]:
    """Give a migrated database that nobody else touches."""
    if engine == "sqlite":
        yield _copy_sqlite(run, data)
        return
    cluster = postgres.cluster(run, lambda url, owner: _migrate("postgresql", url, owner, run))
    with _dropped_after(cluster, cluster.create_database()) as database:
        yield database


@contextmanager
def empty(engine: Engine, run: Path, data: Path) -> Iterator[Database]:
    """Give a database without a single table, for the tests of migrations."""
    if engine == "sqlite":
        yield _sqlite(data)
        return
    cluster = postgres.cluster(run, lambda url, owner: _migrate("postgresql", url, owner, run))
    with _dropped_after(cluster, cluster.create_database(copy_of="template0")) as database:
        yield database


@contextmanager
def _dropped_after(cluster: postgres.Cluster, name: str) -> Iterator[Database]:
    app, owner = cluster.url(name, postgres.APP), cluster.url(name, postgres.OWNER)
    try:
        yield Database("postgresql", app, owner)
    finally:
        cluster.drop_database(name)


def _sqlite(folder: Path) -> Database:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = f"sqlite:///{folder / 'consent.db'}"
    return Database("sqlite", url, url)


def _copy_sqlite(run: Path, data: Path) -> Database:
    def build(place: Path) -> None:
        made = _sqlite(place)
        _migrate("sqlite", made.url, made.migration_url, place)
        left = [path.name for path in place.glob("consent.db-*")]
        # A log beside the file means that the migration left a connection open, and the
        # copy would lack what the log holds.
        assert not left, f"the migration did not close its database: {left}"

    template = once(run, "sqlite", build)
    database = _sqlite(data)
    shutil.copyfile(template / "consent.db", data / "consent.db")
    return database


def _migrate(engine: Engine, url: str, migration_url: str, data: Path) -> None:
    upgrade(Database(engine, url, migration_url).settings(data))
