"""The example application, for the tests of the web room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.clock import HandClock
from tests.web import example

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient


@pytest.fixture
def still() -> HandClock:
    """Give the clock of the example."""
    return HandClock()


@pytest.fixture
def room(tmp_path: Path, still: HandClock) -> Flask:
    """Give the example application."""
    return example.make(tmp_path, still)


@pytest.fixture
def visit(room: Flask) -> FlaskClient:
    """Give a way into the example."""
    return room.test_client()
