"""Reads what was found on a page: a HAR file, an HTML page, or a list of lines.

Only hosts, paths and names are taken; what stands in a query, a fragment or a value may be
personal, and is dropped here.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST: Final = 64 * 1024 * 1024

# Where elements name what they load. Plain links are followed by people, not by the page.
_LOADS: Final = {
    "script": ("src", "data-src"),
    "iframe": ("src", "data-src"),
    "img": ("src", "data-src"),
    "link": ("href",),
    "embed": ("src",),
    "object": ("data",),
    "video": ("src", "poster"),
    "audio": ("src",),
    "source": ("src",),
}
_WRITTEN: Final = re.compile(
    r"(?:https?:)?//[a-z0-9][a-z0-9.-]*\.[a-z]{2,}[^\s\"'`<>()\\]*", re.IGNORECASE
)
_HOST: Final = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?:/\S*)?", re.IGNORECASE
)


class Unreadable(ValueError):
    """This file holds nothing we can look through; the message says why."""


@dataclass
class Seen:
    """What a page calls and keeps: `host/path` addresses, names of cookies and stored items."""

    addresses: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def add(self, address: str) -> None:
        """Note an address of the web; anything else (`data:`, a path of the page) is none."""
        try:
            parts = urlsplit(address.strip())
        except ValueError:
            return
        if parts.scheme in ("", "http", "https", "ws", "wss") and parts.hostname:
            self.addresses.add(f"{parts.hostname}{parts.path}")


def look_through(text: str) -> Seen:
    """Read a HAR file, an HTML page or a list, whichever this is."""
    start = text.lstrip("\ufeff \t\r\n")
    if not start:
        raise Unreadable("it is empty")
    if start[0] == "{":
        return _har(start)
    return _page(start) if start[0] == "<" else _lines(start)


def _har(text: str) -> Seen:
    try:
        entries = json.loads(text)["log"]["entries"]
        seen = Seen()
        for entry in entries:
            seen.add(entry["request"]["url"])
            seen.names.update(_cookies(entry))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unreadable("it begins like a HAR file, but holds no log of requests") from error
    return seen


def _cookies(entry: dict[str, Any]) -> Iterator[str]:
    for side in ("request", "response"):
        for cookie in entry.get(side, {}).get("cookies") or ():
            yield str(cookie["name"])


def _page(text: str) -> Seen:
    reader = _PageReader()
    reader.feed(text)
    reader.close()
    return reader.seen


class _PageReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen = Seen()
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_script = tag == "script"
        given = dict(attrs)
        for name in _LOADS.get(tag, ()):
            self.seen.add(given.get(name) or "")

    def handle_endtag(self, tag: str) -> None:
        self._in_script = self._in_script and tag != "script"

    def handle_data(self, data: str) -> None:
        # Most tags are put in by a few lines of script that name the address.
        if self._in_script:
            for found in _WRITTEN.findall(data.replace("\\/", "/")):
                self.seen.add(found)


def _lines(text: str) -> Seen:
    seen = Seen()
    for line in text.splitlines():
        word = line.strip()
        if not word or word.startswith("#"):
            continue
        if "//" in word:
            seen.add(word)
        elif _HOST.fullmatch(word):
            seen.add(f"//{word}")
        else:
            seen.names.add(re.split(r"[=;\s]", word, maxsplit=1)[0])
    return seen
