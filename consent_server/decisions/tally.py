"""Counting without people: how often, on which day, never who. In batches, not per request.

A figure waits in memory for at most half a minute of traffic, so a crash loses some and
never one too many: every figure is a lower bound, and is called one.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from contextlib import nullcontext
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, cast

import structlog
from flask import current_app

from ..db import TROUBLE, Sql, write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

    from ..organisations import SiteInForce

DAY_SECONDS: Final = 86_400
DOWNLOAD: Final = "download"
DEVICES: Final = ("phone", "tablet", "desktop")
# What each action of a banner means for the figures.
ANSWERS: Final[Mapping[str, str]] = {
    "accept_all": "accepted",
    "refuse_all": "refused",
    "withdraw_all": "refused",
    "gpc": "refused",
    "save": "chosen",
    "undo": "chosen",
}
_NAME: Final = "consent.tallies"
_EVERY_SECONDS: Final = 30.0
_ADD: Final = Sql(
    "INSERT INTO site_tally (organisation_id, site_id, day, what, count)"
    " VALUES (:organisation, :site, :day, :what, :count)"
    " ON CONFLICT (organisation_id, site_id, day, what)"
    " DO UPDATE SET count = site_tally.count + excluded.count"
)
_TABLET: Final = re.compile(r"iPad|Tablet|PlayBook|Silk|Android(?!.*Mobi)")
_PHONE: Final = re.compile(r"Mobi|iPhone|iPod")
_log = structlog.get_logger()

_Place = tuple[int, int, int, str]


class _Waiting:
    """Figures that are not in the database yet."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.counts: Counter[_Place] = Counter()
        self.since = time.monotonic()

    def add(self, place: _Place) -> bool:
        """Count one; tells whether it is time to write."""
        with self.lock:
            self.counts[place] += 1
            return time.monotonic() - self.since >= _EVERY_SECONDS

    def take(self) -> Counter[_Place]:
        """Hand everything over, once."""
        with self.lock:
            taken, self.counts = self.counts, Counter()
            self.since = time.monotonic()
            return taken

    def give_back(self, counts: Counter[_Place]) -> None:
        """Keep what could not be written for the next time."""
        with self.lock:
            self.counts.update(counts)


def answered(action: str, user_agent: str) -> str:
    """Name an answer on a class of device: all that is kept of the browser's words."""
    return f"{device_class(user_agent)}.{ANSWERS[action]}"


def device_class(user_agent: str) -> str:
    """Tell phone, tablet or desktop, as coarsely as a page's layout would."""
    shown = user_agent[:512]
    if _TABLET.search(shown):
        return "tablet"
    return "phone" if _PHONE.search(shown) else "desktop"


def tally(site: SiteInForce, what: str, app: Flask | None = None) -> None:
    """Count one on a site, unless its organisation wants no figures; `app` before Flask."""
    if not site.statistics:
        return
    told = (app or current_app).extensions
    day = int(told["consent.clock"]().timestamp()) // DAY_SECONDS
    if _waiting(told).add((site.organisation, site.id, day, what)):
        with nullcontext() if app is None else app.app_context():
            write_tallies()


def write_tallies() -> None:
    """Bring what was counted into the database; kept for later if it does not answer."""
    waiting = _waiting(current_app.extensions)
    taken = waiting.take()
    for organisation in {place[0] for place in taken}:
        own = Counter({place: taken[place] for place in taken if place[0] == organisation})
        try:
            with write(organisation) as tx:
                # In one order everywhere, so that two processes cannot wait for each other.
                for place in sorted(own):
                    values = dict(
                        zip(("organisation", "site", "day", "what"), place, strict=True)
                    )
                    tx.run(_ADD, {**values, "count": own[place]})
        except TROUBLE as error:
            _log.warning("the database does not answer", error=type(error).__name__)
            waiting.give_back(own)


def _waiting(extensions: dict[str, Any]) -> _Waiting:
    found = extensions.get(_NAME)
    return cast("_Waiting", found or extensions.setdefault(_NAME, _Waiting()))
