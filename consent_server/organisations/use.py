"""When a key was last used: to the hour, from which network, how often; never per request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from ..db import TROUBLE, Sql, write
from ..web.batches import batches_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from flask import Flask

    from ..web.batches import Batch
    from .values import Caller

    # Organisation and key, when, and the network if it is known.
    Note = tuple[int, str, float, str]

_NAME: Final = "consent.key_use"
_HOUR: Final = 3600
_MICROS: Final = 1_000_000
_ADD: Final = """
    INSERT INTO key_use (organisation_id, key_id, used_at, network, count)
    VALUES (:organisation, :key, :used_at, :network, :count)
    ON CONFLICT (organisation_id, key_id) DO UPDATE SET
        used_at = {greatest}(key_use.used_at, excluded.used_at),
        network = CASE WHEN excluded.network = '' THEN key_use.network
                       ELSE excluded.network END,
        count = key_use.count + excluded.count
"""
_USED: Final = Sql(_ADD.format(greatest="max"), _ADD.format(greatest="greatest"))


def install(app: Flask) -> None:
    """Make room for what is noted of keys."""
    app.extensions[_NAME] = batches_of(app).kind(_write)


def note_use(app: Flask, known: Caller, now: datetime, network: str = "") -> None:
    """Note that a key was used now; written within moments, by a thread of its own."""
    batch = cast("Batch", app.extensions[_NAME])
    batch.add((known.organisation, known.key_id, now.timestamp(), network))


def _write(notes: Sequence[Note]) -> Sequence[Note]:
    waiting = list(notes)
    for organisation in sorted({note[0] for note in notes}):
        rows = _counted(note for note in waiting if note[0] == organisation)
        try:
            with write(organisation) as tx:
                tx.run_many(_USED, rows)
        except TROUBLE:
            # What is written is not written again.
            break
        waiting = [note for note in waiting if note[0] != organisation]
    return waiting


def _counted(notes: Iterable[Note]) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for organisation, key, moment, network in notes:
        hour = int(moment) // _HOUR * _HOUR * _MICROS
        row = rows.setdefault(
            key,
            {"organisation": organisation, "key": key, "network": "", "used_at": 0, "count": 0},
        )
        row["used_at"] = max(row["used_at"], hour)
        row["network"] = network or row["network"]
        row["count"] += 1
    # In one order everywhere, so that two processes cannot wait for each other.
    return [rows[key] for key in sorted(rows)]
