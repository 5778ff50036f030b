"""Real servers and workers under more load than the rates of a small site allow."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.crash.wire import Client
from tests.support import databases
from tests.support.running import settled
from tests.support.server import Deployment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.databases import Database, Engine

UNLIMITED = {
    f"CONSENT_LIMIT_{name}": "999999999/minute"
    for name in ("DECISIONS", "LOOKUPS", "WRITES", "PAGES")
}


@contextmanager
def serving(database: Database, data: Path, **more: str) -> Iterator[Client]:
    """Run a server and a worker with one organisation; killed at the end."""
    with Deployment(database, data, **UNLIMITED, **more) as running, settled(running) as made:
        yield Client(made)


@pytest.fixture
def client_of_mortals(database: Database, tmp_path: Path) -> Iterator[Client]:
    """Give a deployment of this test's own, which it may kill."""
    with serving(database, tmp_path / "data") as client:
        yield client


@pytest.fixture(scope="session")
def busy(
    engine: Engine, run_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    """Give a deployment with three workers that several tests press on, and none kills."""
    data = tmp_path_factory.mktemp("busy") / "data"
    with (
        databases.fresh(engine, run_folder, data) as database,
        serving(database, data, CONSENT_WORKERS="3") as client,
    ):
        yield client
