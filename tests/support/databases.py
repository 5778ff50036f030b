"""Fresh databases on either engine: each a copy of one that was migrated once, or furnished."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from consent_server.config import Settings
from consent_server.db.migrate import upgrade
from tests.support import postgres
from tests.support.shared import once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Engine = Literal["sqlite", "postgresql"]
ENGINES: tuple[Engine, ...] = ("sqlite", "postgresql")
_KEYS, _TOLD = "keys", "furniture.json"


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


@dataclass(frozen=True)
class Furniture:
    """What stands in a database before a test gets its copy; put there once for a whole run.

    `put` fills a migrated database and makes its secrets; what it gives is told with each copy.
    """

    name: str
    put: Callable[[Database, Path], Any]


@contextmanager
def fresh(
    engine: Engine, run: Path, data: Path, furniture: Furniture | None = None
) -> Iterator[Database]:
    """Give a migrated database that nobody else touches."""
    if engine == "sqlite":
        yield _copy_sqlite(run, data, furniture)
        return
    cluster = _cluster(run)
    template = _furnished(cluster, run, data, furniture) if furniture else postgres.TEMPLATE
    with _dropped_after(cluster, cluster.create_database(copy_of=template)) as database:
        yield database


@contextmanager
def empty(engine: Engine, run: Path, data: Path) -> Iterator[Database]:
    """Give a database without a single table, for the tests of migrations."""
    if engine == "sqlite":
        yield _sqlite(data)
        return
    cluster = _cluster(run)
    with _dropped_after(cluster, cluster.create_database(copy_of="template0")) as database:
        yield database


def furniture_in(data: Path) -> Any:
    """Give what was told of the furniture of a copy; None if it has none."""
    told = data / _TOLD
    return json.loads(told.read_text("utf-8")) if told.exists() else None


def _cluster(run: Path) -> postgres.Cluster:
    return postgres.cluster(run, lambda url, owner: _migrate("postgresql", url, owner, run))


def _furnished(cluster: postgres.Cluster, run: Path, data: Path, furniture: Furniture) -> str:
    name = f"{postgres.TEMPLATE}_{furniture.name}"

    def build(place: Path) -> None:
        cluster.create_database(name=name)
        _put(furniture, _postgresql(cluster, name), place)

    _copy_files(once(run, f"postgresql-{furniture.name}", build), data)
    return name


@contextmanager
def _dropped_after(cluster: postgres.Cluster, name: str) -> Iterator[Database]:
    try:
        yield _postgresql(cluster, name)
    finally:
        cluster.drop_database(name)


def _postgresql(cluster: postgres.Cluster, name: str) -> Database:
    app, owner = cluster.url(name, postgres.APP), cluster.url(name, postgres.OWNER)
    return Database("postgresql", app, owner)


def _sqlite(folder: Path) -> Database:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = f"sqlite:///{folder / 'consent.db'}"
    return Database("sqlite", url, url)


def _copy_sqlite(run: Path, data: Path, furniture: Furniture | None) -> Database:
    template = _furnished_file(run, furniture) if furniture else once(run, "sqlite", _migrated)
    database = _sqlite(data)
    shutil.copyfile(template / "consent.db", data / "consent.db")
    if furniture:
        _copy_files(template, data)
    return database


def _migrated(place: Path) -> None:
    made = _sqlite(place)
    _migrate("sqlite", made.url, made.migration_url, place)
    _assert_closed(place)


def _furnished_file(run: Path, furniture: Furniture) -> Path:
    def build(place: Path) -> None:
        _put(furniture, _copy_sqlite(run, place, None), place)
        _assert_closed(place)

    return once(run, f"sqlite-{furniture.name}", build)


def _assert_closed(place: Path) -> None:
    left = [path.name for path in place.glob("consent.db-*")]
    # A log beside the file means that a connection was left open, and the copy would lack
    # what the log holds.
    assert not left, f"a connection to the template was left open: {left}"


def _put(furniture: Furniture, database: Database, place: Path) -> None:
    (place / _TOLD).write_text(json.dumps(furniture.put(database, place)), "utf-8")


def _copy_files(template: Path, data: Path) -> None:
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copytree(template / _KEYS, data / _KEYS)
    shutil.copyfile(template / _TOLD, data / _TOLD)


def _migrate(engine: Engine, url: str, migration_url: str, data: Path) -> None:
    upgrade(Database(engine, url, migration_url).settings(data))
