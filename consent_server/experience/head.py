"""The line in a page's head: what it holds until the banner's script has come.

Its code is one text for every site, so that a Content-Security-Policy names one hash; what
it waits for stands in an attribute, which no policy hashes.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, Final

from markupsafe import escape

from ..notices.built_in import WIDGET
from .catalogue.declared import declared
from .catalogue.services import services
from .recognise import asked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .compose import Made

# What loads the tags of those who are told signals: they wait until they have been told.
_TAGS: Final[Mapping[str, tuple[str, ...]]] = {
    "google": ("googletagmanager.com", "google-analytics.com"),
    "microsoft": ("bat.bing.com", "clarity.ms"),
    "meta": ("connect.facebook.net",),
    "matomo": ("matomo.cloud", "innocraft.cloud"),
    "piano": ("aticdn.net",),
}
_PLAIN: Final = frozenset("./-_")
_ANY: Final = "[^/?#]*"


@dataclass(frozen=True)
class HeadLine:
    """What a page begins with; `hosts` is what it holds."""

    hosts: tuple[str, ...]

    @property
    def line(self) -> str:
        """Give the line to paste, first in the head."""
        hold = "|".join(map(_pattern, self.hosts))
        return f'<script data-hold="{escape(hold)}">{code()}</script>'


@cache
def code() -> str:
    """Give the text of the line, the same on every site."""
    return (WIDGET / "head.js").read_text("utf-8")


@cache
def code_hash() -> str:
    """Give what a policy's `script-src` names to let the line in."""
    digest = hashlib.sha256(code().encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def held_hosts(made: Made) -> tuple[str, ...]:
    """Name the hosts that a site's pages keep waiting; none where nothing asks for it."""
    found = [*_of_trackers(made), *_of_signals(made)]
    return tuple(sorted(dict.fromkeys(found)))


def head_line(made: Made, origins: Iterable[str]) -> HeadLine | None:
    """Give the line for a site's pages, or None where it would hold nothing."""
    own = {origin.partition("//")[2].partition(":")[0] for origin in origins}
    hosts = tuple(host for host in held_hosts(made) if not _holds(host, own))
    return HeadLine(hosts) if hosts else None


def _of_trackers(made: Made) -> Iterable[str]:
    if not any(asked(made.told, setting) for setting in ("auto_block", "network_guard")):
        return
    for tracker in made.body["trackers"]:
        yield from tracker.get("hosts") or ()
    for slug in declared(made.body["trackers"]):
        yield from services()[slug].hosts


def _of_signals(made: Made) -> Iterable[str]:
    signals: Mapping[str, Any] = made.tags.get("signals") or {}
    for company, hosts in _TAGS.items():
        if signals.get(company) is not None and not _basic(company, signals[company]):
            yield from hosts
            yield from _served_elsewhere(made, signals[company])


def _basic(company: str, signal: Mapping[str, Any]) -> bool:
    """Tell whether the tag is marked, and so is not there before its yes."""
    return company == "google" and not signal.get("advanced_signed_by")


def _served_elsewhere(made: Made, signal: Mapping[str, Any]) -> Iterable[str]:
    """Give the organisation's own hosts of a tag: Matomo on its server, and the like."""
    purposes = {
        purpose for value in signal.values() if isinstance(value, list) for purpose in value
    }
    used = {
        slug
        for one in made.body["purposes"]
        if one["slug"] in purposes
        for slug in one["trackers"]
    }
    for tracker in made.body["trackers"]:
        if tracker["slug"] in used:
            yield from tracker.get("hosts") or ()


def _holds(pattern: str, own: Iterable[str]) -> bool:
    """Tell whether a pattern would hold the site's own pages and files."""
    return any(f".{host}".endswith(f".{pattern}") for host in own)


def _pattern(host: str) -> str:
    """Write a pattern of hosts as the line reads it; `.` is left to mean any letter."""
    return "".join(
        letter
        if letter.isalnum() or letter in _PLAIN
        else _ANY
        if letter == "*"
        else f"\\{letter}"
        for letter in host
    )


def begins_with(page: str, head: HeadLine) -> bool:
    """Tell whether the first script of a page is this line and holds what it holds now."""
    reader = _FirstScript()
    reader.feed(page)
    hold = set((reader.attributes.get("data-hold") or "").split("|"))
    return reader.text.strip() == code() and hold >= set(map(_pattern, head.hosts))


class _FirstScript(HTMLParser):
    """Reads the first script of a page, whatever its kind."""

    def __init__(self) -> None:
        super().__init__()
        self.attributes: dict[str, str | None] = {}
        self.text = ""
        self._place = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember what the first one says of itself."""
        if tag == "script":
            self._place += 1
            if self._place == 1:
                self.attributes = dict(attrs)

    def handle_data(self, data: str) -> None:
        """Keep its text."""
        if self._place == 1 and self.cdata_elem == "script":
            self.text += data
