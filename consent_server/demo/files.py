"""The two files of a demonstration: `demo.json` for scripts, and how far a load has got."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, indent=2)


@dataclass
class Journal:
    """How far a load has got; while it exists the load is not finished."""

    ends: str
    seed: str
    people: int
    done: int = 0
    # Organisation slug -> its API key, until `demo.json` has it.
    keys: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, data: Path) -> Self | None:
        """Read the journal of a load that was interrupted."""
        found = _read(_journal(data))
        return None if found is None else cls(**found)

    def write(self, data: Path) -> None:
        """Keep how far the load has got."""
        _write(_journal(data), asdict(self))

    def remove(self, data: Path) -> None:
        """Say that the load is finished."""
        _journal(data).unlink(missing_ok=True)


def read_demo(data: Path) -> dict[str, Any] | None:
    """Read `demo.json`; None if it is not there, or not whole."""
    found = _read(_demo(data))
    return found if found and found.get("organisations") else None


def write_demo(data: Path, demo: Mapping[str, Any]) -> None:
    """Write `demo.json`, whole or not at all, for nobody else to read: it holds keys."""
    _write(_demo(data), demo)


def _demo(data: Path) -> Path:
    return data / "demo.json"


def _journal(data: Path) -> Path:
    return data / "demo.loading.json"


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _write(path: Path, value: Mapping[str, Any]) -> None:
    fresh = path.with_suffix(".fresh")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(_ENCODER.encode(value) + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
