"""Values kept in memory for a second: keys and sites, never decisions (design.md §9)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Generic, TypeVar, cast

from flask import current_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

LIFETIME_SECONDS: Final = 1.0
_MOST: Final = 4096

T = TypeVar("T")


class Kept(Generic[T]):
    """A small memory of one application, in which nothing grows older than a second."""

    def __init__(self, name: str) -> None:
        self._name = f"consent.kept.{name}"

    def get(self, key: object, find: Callable[[], T | None]) -> T | None:
        """Give the value kept under a key, or find and keep it; nothing found is not kept."""
        values, now = self._values(), time.monotonic()
        kept = values.get(key)
        if kept is not None and now < kept[0]:
            return kept[1]
        return self.renew(key, find)

    def renew(self, key: object, find: Callable[[], T | None]) -> T | None:
        """Find a value whatever is kept, and keep it; nothing found is not kept."""
        values, now = self._values(), time.monotonic()
        found = find()
        if found is not None:
            if len(values) >= _MOST:
                values.clear()
            values[key] = (now + LIFETIME_SECONDS, found)
        return found

    def fresh(self, app: Flask, key: object) -> T | None:
        """Give the value kept under a key while it is younger than a second; asks nobody."""
        kept = app.extensions.get(self._name, {}).get(key)
        return kept[1] if kept is not None and time.monotonic() < kept[0] else None

    def forget(self) -> None:
        """Drop everything, so that this process at once sees what it has just changed."""
        self._values().clear()

    def _values(self) -> dict[object, tuple[float, T]]:
        return cast(
            "dict[object, tuple[float, T]]", current_app.extensions.setdefault(self._name, {})
        )
