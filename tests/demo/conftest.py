"""A loaded demonstration, made once for each engine: its tests only read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from consent_server.app import create_app
from consent_server.db import db
from consent_server.demo.load import Wanted, load
from tests.support import databases
from tests.support.clock import HandClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

    from consent_server.config import Settings

SMALL = Wanted(people=60)


@dataclass(frozen=True)
class World:
    """A demonstration that was loaded at noon, and is asked at noon."""

    settings: Settings
    demo: dict[str, Any]
    app: Flask
    client: FlaskClient

    def headers(self, place: int) -> dict[str, str]:
        """Give the header with an organisation's key."""
        return {"Authorization": f"Bearer {self.demo['organisations'][place]['api_key']}"}

    def post(self, place: int, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send a body as one of the two organisations."""
        answer = self.client.post(path, json=body, headers=self.headers(place))
        assert answer.status_code < 300, answer.text
        said: dict[str, Any] = answer.get_json()
        return said

    def ask(self, place: int, subject: dict[str, str], *purposes: str) -> list[dict[str, Any]]:
        """Ask for permissions."""
        questions = [{"purpose": purpose} for purpose in purposes]
        body = {"subject": subject, "questions": questions}
        answers: list[dict[str, Any]] = self.post(place, "/v1/permissions", body)["permissions"]
        return answers


@pytest.fixture(scope="module", params=databases.ENGINES)
def world(
    request: pytest.FixtureRequest, run_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Give a loaded demonstration on each engine in turn."""
    data = tmp_path_factory.mktemp("demo")
    with databases.fresh(request.param, run_folder, data) as database:
        settings = database.settings(data)
        loaded = load(settings, create_app, SMALL, clock=HandClock())
        app = create_app(settings, clock=HandClock())
        with app.app_context():
            yield World(settings, loaded.demo, app, app.test_client())
            db.engine.dispose()
