"""The schema: which revision is there, and which this version of the code needs.

Said without Alembic, which would weigh on every process that serves (migrate.py has it).
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy import inspect, text

from .base import db

_REVISION: Final = re.compile(r'^(revision|down_revision) = "(\w+)"$', re.MULTILINE)


def revision_now() -> str | None:
    """Tell which revision the database's schema is at."""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return str(found) if found is not None else None


@cache
def revision_wanted() -> str | None:
    """Tell which revision this version of the code needs: the one that none goes on from."""
    said: list[tuple[str, str]] = [
        pair
        for file in (migrations() / "versions").glob("*.py")
        for pair in _REVISION.findall(file.read_text("utf-8"))
    ]
    named = {number for word, number in said if word == "revision"}
    (last,) = named - {number for word, number in said if word == "down_revision"}
    return last


def migrations() -> Path:
    """Tell where the migrations lie."""
    inside = Path(__file__).parents[1] / "migrations"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "migrations"
