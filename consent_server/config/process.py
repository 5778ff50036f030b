"""This process's own environment: what commands take from it, and what a child inherits."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def variables() -> Mapping[str, str]:
    """Give this process's environment."""
    return os.environ


def api_key() -> str:
    """Give the key with which commands call another server (`CONSENT_API_KEY`), if any."""
    return os.environ.get("CONSENT_API_KEY", "")


def inherited(defaults: Mapping[str, str]) -> dict[str, str]:
    """Give this process's environment to a child, with values for what is not set in it."""
    return {**defaults, **os.environ}
