"""Recognises an address or a name on the device; the banner does the same in its own words.

`tests/experience/addresses.json` holds both to the same answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

Known = TypeVar("Known")

_ANY = "*"


class Addresses(Generic[Known]):
    """Finds what an address belongs to: the nearest host wins, then the longest path.

    A pattern is `host`, which stands for its sub-domains too, or `host/path`, whole segments
    of which must agree; `*` is any one segment. Of equal patterns the first one stands.
    """

    def __init__(self, patterns: Iterable[tuple[str, Known]]) -> None:
        self._hosts: dict[str, list[tuple[list[str], Known]]] = {}
        for pattern, known in patterns:
            host, *path = pattern.split("/")
            self._hosts.setdefault(host, []).append((path, known))
        for found in self._hosts.values():
            found.sort(key=lambda one: -len(one[0]))

    def find(self, address: str) -> Known | None:
        """Find what this address belongs to; a host alone is an address too."""
        host, path = split_address(address)
        labels = host.split(".")
        for start in range(len(labels)):
            for pattern, known in self._hosts.get(".".join(labels[start:]), ()):
                if _begins(path, pattern):
                    return known
        return None


def split_address(address: str) -> tuple[str, list[str]]:
    """Give the host of an address, in small letters, and the segments of its path."""
    whole = address if "//" in address else f"//{address}"
    try:
        parts = urlsplit(whole)
        host = parts.hostname or ""
    except ValueError:
        # A bracket that is never closed, or worse: nobody can call it.
        return "", []
    return host.rstrip("."), parts.path.split("/")[1:]


def _begins(path: list[str], pattern: list[str]) -> bool:
    return len(path) >= len(pattern) and all(
        want in (_ANY, got) for want, got in zip(pattern, path, strict=False)
    )


def matches_name(pattern: str, name: str) -> bool:
    """Tell whether a cookie or stored item is meant by a name that may end in `*`."""
    if pattern.endswith("*"):
        return name.startswith(pattern[:-1])
    return name == pattern
