"""A backup of a database as an operator would take it, and put back another day."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from consent_server.db import db, empty_log
from tests.support import postgres

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.databases import Database


@contextmanager
def backup(database: Database, run: Path) -> Iterator[Callable[[], None]]:
    """Take a backup; gives what puts it back, once."""
    take = _of_sqlite if database.engine == "sqlite" else _of_postgresql
    with take(database, run) as restore:
        yield restore


@contextmanager
def _of_sqlite(database: Database, _run: Path) -> Iterator[Callable[[], None]]:
    file = Path(str(make_url(database.url).database))
    copy = file.with_name("backup.db")
    empty_log()
    shutil.copy(file, copy)

    def restore() -> None:
        db.engine.dispose()
        for each in file.parent.glob(f"{file.name}-*"):
            each.unlink()
        shutil.copy(copy, file)

    yield restore


@contextmanager
def _of_postgresql(database: Database, run: Path) -> Iterator[Callable[[], None]]:
    cluster = postgres.cluster(run, lambda *_: None)
    name = str(make_url(database.url).database)
    # Nobody may be connected to what is copied.
    db.engine.dispose()
    copy = cluster.create_database(copy_of=name)

    def restore() -> None:
        db.engine.dispose()
        cluster.drop_database(name)
        cluster.create_database(copy_of=copy, name=name)

    try:
        yield restore
    finally:
        cluster.drop_database(copy)
