"""A running server that the client and the recipes talk to, as another program would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from consent_server.client import Consent
from tests.support import databases
from tests.support.running import settled
from tests.support.server import Deployment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.running import Running


@pytest.fixture(scope="module")
def running(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Give one organisation on a deployment of this module's own."""
    data = tmp_path_factory.mktemp("client") / "data"
    with (
        databases.fresh("sqlite", run_folder, data) as database,
        Deployment(database, data) as deployment,
        settled(deployment) as made,
    ):
        yield made


@pytest.fixture
def consent(running: Running) -> Iterator[Consent]:
    """Give a client with the organisation's key."""
    with Consent(running.deployment.base_url, running.key) as made:
        yield made
