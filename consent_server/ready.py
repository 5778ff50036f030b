"""Ready: what this deployment still waits for before it may be sent people."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from . import db
from .clock import rfc3339, system_clock

if TYPE_CHECKING:
    from .config import Settings


HEARTBEAT: Final = "worker.alive"
_LATELY: Final = timedelta(seconds=30)


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


def remarks(settings: Settings) -> dict[str, str]:
    """Say what does not stop decisions from being taken, and still wants looking at.

    Without its worker a deployment answers, but proofs, events and webhooks wait.
    """
    try:
        seen = (settings.data / HEARTBEAT).stat().st_mtime
    except OSError:
        return {"worker": "never seen"}
    moment = datetime.fromtimestamp(seen, tz=UTC)
    late = system_clock() - moment > _LATELY
    return {"worker": f"not seen since {rfc3339(moment)}" if late else "alive"}


def beat(settings: Settings) -> None:
    """Leave a sign of life of the worker."""
    with suppress(OSError):
        (settings.data / HEARTBEAT).touch(mode=0o600)


def _complete(settings: Settings) -> bool:
    try:
        demo = json.loads((settings.data / "demo.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return bool(demo.get("organisations"))
