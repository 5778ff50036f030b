"""Ready: what this deployment still waits for before it may be sent people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from . import db

if TYPE_CHECKING:
    from .config import Settings


def waiting_for(settings: Settings) -> list[str]:
    """Name what is missing: the database, its schema, or a demonstration being loaded."""
    waiting: list[str] = []
    try:
        if db.revision_now() != db.revision_wanted():
            waiting.append("the database's schema is not the one of this version")
    except db.TROUBLE:
        waiting.append("the database does not answer")
    if settings.demo and not _complete(settings):
        waiting.append("the demonstration is still being loaded")
    return waiting


def _complete(settings: Settings) -> bool:
    try:
        demo = json.loads((settings.data / "demo.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return bool(demo.get("organisations"))
