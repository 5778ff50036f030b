"""The fixtures that every room's tests share. Test data are made by tests/support/make.py."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from consent_server.app import create_app
from consent_server.db import db
from consent_server.keyring import Keyring
from tests.support import browser as browsers
from tests.support import databases, postgres, shared
from tests.support.clock import HandClock
from tests.support.house import HOUSE, House, house_in
from tests.support.server import Deployment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from playwright.sync_api import Browser

    from consent_server.config import Settings
    from tests.support.databases import Database, Engine

# A slow machine is no reason to fail a property.
_ALWAYS: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
hypothesis_settings.register_profile("dev", max_examples=50, **_ALWAYS)
# The same examples every time: a red run can be repeated, and a green one does not flake.
hypothesis_settings.register_profile("ci", max_examples=200, derandomize=True, **_ALWAYS)
hypothesis_settings.register_profile("nightly", max_examples=5000, **_ALWAYS)
# The size that requirements ask for: see tests/support/figures.py.
hypothesis_settings.register_profile("figures", max_examples=200_000, **_ALWAYS)
hypothesis_settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev")
)

_RUN = pytest.StashKey[shared.RunFolder]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Make the run's folder, once, in the process that started the run; tests write there."""
    if not hasattr(config, "workerinput"):
        for folder in shared.abandoned():
            postgres.stop(folder)
            shared.remove(folder)
        run = config.stash[_RUN] = shared.RunFolder(shared.swiftest())
        config.option.basetemp = config.option.basetemp or str(run.path / "tmp")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell each worker where the run's folder is."""
    node.workerinput["run_folder"] = str(node.config.stash[_RUN].path)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop PostgreSQL and remove the run's folder, after the last worker has gone."""
    if _RUN in config.stash:
        postgres.stop(config.stash[_RUN].path)
        config.stash[_RUN].close()


# Those that mostly wait, for processes that they stop and start; each takes long by itself.
_PATIENT = frozenset({"crash", "journeys", "bench", "test_readme.py"})


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with those that wait: others compute meanwhile, and none is left to the end."""
    items.sort(key=lambda item: _PATIENT.isdisjoint(item.path.parts))


@pytest.fixture(scope="session")
def run_folder(request: pytest.FixtureRequest) -> Path:
    """Give the folder that all workers of this run share."""
    told: dict[str, str] | None = getattr(request.config, "workerinput", None)
    return Path(told["run_folder"]) if told else request.config.stash[_RUN].path


@pytest.fixture(scope="session", params=databases.ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Name both engines in turn: a test that asks for a database runs on each."""
    chosen: Engine = request.param
    return chosen


@pytest.fixture
def database(
    request: pytest.FixtureRequest, engine: Engine, run_folder: Path, tmp_path: Path
) -> Iterator[Database]:
    """Give a migrated database of this test's own; the house, if it asks for one, is in it."""
    furniture = HOUSE if "house" in request.fixturenames else None
    with databases.fresh(engine, run_folder, tmp_path / "data", furniture) as made:
        yield made


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    """Give the settings of a deployment with that database and secrets of its own."""
    made = database.settings(tmp_path / "data")
    Keyring.create(made.keys)
    return made


@pytest.fixture
def clock() -> HandClock:
    """Give a clock that stands still until the test moves it."""
    return HandClock()


@pytest.fixture
def app(settings: Settings, clock: HandClock) -> Iterator[Flask]:
    """Give the application, inside its context; its connections are closed at the end."""
    made = create_app(settings, clock=clock)
    with made.app_context():
        yield made
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a browser's or a system's way in, without a network."""
    return app.test_client()


@pytest.fixture
def deployment(database: Database, tmp_path: Path) -> Iterator[Deployment]:
    """Give a running server and worker, killed at the end."""
    with Deployment(database, tmp_path / "data") as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give a real Chromium."""
    with browsers.launched() as launched:
        yield launched


@pytest.fixture
def house(app: Flask, settings: Settings, clock: HandClock) -> House:
    """Give a whole organisation, as its file declares it, made at noon by the hand's clock."""
    return house_in(app, clock, databases.furniture_in(settings.data))
