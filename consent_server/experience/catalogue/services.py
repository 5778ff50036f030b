"""Reads the catalogue: one JSON file for each usual use, facts in our own words only."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FOLDER: Final = Path(__file__).with_name("services")

# What such a service is usually for. It is a hint for staff, never an answer: which
# purpose a tracker serves on a site is said by the organisation.
USES: Final = (
    "ab_test",
    "advertising",
    "affiliation",
    "audience",
    "audio",
    "chat",
    "fonts",
    "forms",
    "maps",
    "marketing",
    "monitoring",
    "payments",
    "replay",
    "reviews",
    "security",
    "social",
    "tag_manager",
    "video",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A well-known tracker: whose it is, where it is called, what it leaves on the device."""

    slug: str
    name: str
    provider: str
    # Where the provider, or the group it belongs to, has its seat (ISO 3166).
    country: str
    use: str
    # A host stands for its sub-domains too; `host/path` where it serves other things as well.
    hosts: tuple[str, ...]
    # First-party cookies and how long they live; a `*` ending a name stands for anything.
    cookies: Mapping[str, str] = field(default_factory=dict)
    local_storage: tuple[str, ...] = ()
    session_storage: tuple[str, ...] = ()
    privacy_url: str | None = None

    @property
    def names(self) -> Iterator[str]:
        """Name all it may leave on the device, cookies first."""
        yield from (*self.cookies, *self.local_storage, *self.session_storage)


@cache
def services() -> Mapping[str, Service]:
    """Give every service of the catalogue by its slug, in the order of slugs."""
    found = {
        row["slug"]: _service(use, row)
        for use in USES
        for row in json.loads((FOLDER / f"{use}.json").read_text("utf-8"))
    }
    return dict(sorted(found.items()))


def _service(use: str, row: Mapping[str, Any]) -> Service:
    lists = {
        name: tuple(row[name])
        for name in ("hosts", "local_storage", "session_storage")
        if name in row
    }
    return Service(**{**row, **lists, "use": use})
