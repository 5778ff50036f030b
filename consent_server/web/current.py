"""What a request may ask of the deployment it runs in: settings, clock, secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import current_app, g

if TYPE_CHECKING:
    from datetime import datetime

    from ..clock import Clock
    from ..config import Settings
    from ..keyring import Keyring


def settings() -> Settings:
    """Give the settings of this deployment."""
    return cast("Settings", current_app.extensions["consent.settings"])


def clock() -> Clock:
    """Give the clock of this deployment."""
    return cast("Clock", current_app.extensions["consent.clock"])


def now() -> datetime:
    """Tell the time by the clock of this deployment."""
    return clock()()


def keyring() -> Keyring:
    """Give the server's own secrets."""
    return cast("Keyring", current_app.extensions["consent.keyring"])


def request_id() -> str:
    """Give the name of this request, as the answer's header and the log line show it."""
    return cast("str", g.get("consent_request_id", ""))
