"""The ledger's own fixture: a deployment's log under a clock in the test's hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ledger.world import World, make_signer

if TYPE_CHECKING:
    from flask import Flask

    from tests.support.clock import HandClock


@pytest.fixture
def world(app: Flask, clock: HandClock) -> World:
    """Give the log of a fresh deployment."""
    return World(app, make_signer(app), clock)
