"""The journeys run on a real server, set up by command line, and use HTTP and commands only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import databases
from tests.support.running import settled
from tests.support.server import Deployment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.databases import Engine
    from tests.support.running import Running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give journeys the time that a dozen commands take on a machine busy with other tests."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.timeout(300))


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
