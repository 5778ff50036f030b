"""The journeys run on a real server, set up by command line, and use HTTP and commands only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import databases
from tests.support.running import settled
from tests.support.server import Deployment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.databases import Engine
    from tests.support.running import Running


@pytest.fixture(scope="module")
def running(
    engine: Engine, run_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """Give one organisation on a deployment that the tests of a journey share."""
    data = tmp_path_factory.mktemp("running") / "data"
    with (
        databases.fresh(engine, run_folder, data) as database,
        Deployment(database, data) as deployment,
        settled(deployment) as made,
    ):
        yield made
