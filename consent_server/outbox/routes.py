"""The feed's door: events in order, without a gap, from wherever the follower stands."""

from __future__ import annotations

import time
from contextlib import contextmanager
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, Final, cast

from flask import current_app

from ..db import read, write
from ..ids import public
from ..organisations import Scope, audit, caller, keys_of, requires
from ..web import Door, current, limit
from .events import page
from .schemas import EventsOut, EventsQuery

if TYPE_CHECKING:
    from collections.abc import Iterator

door = Door("outbox", __name__, description="What has changed, in order.")

_PAUSE_SECONDS: Final = 0.2


@door.get("/v1/events")
@requires(Scope.EVENTS)
@door.takes_query(EventsQuery)
@door.answers(HTTPStatus.OK, EventsOut, description="A page of events, and where to go on.")
def follow(query: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Give the organisation's events after a number; with `wait`, hold on for the first."""
    who = caller()
    limit("lookups", who.key_id)
    with _place_to_wait(query["wait"]) as seconds:
        until = time.monotonic() + seconds
        while True:
            found = _page(who.organisation, query["after"], query["limit"])
            left = until - time.monotonic()
            if found["events"] or left <= 0:
                _look(found["events"])
                return found, {"Cache-Control": "no-store"}
            # The connection is back in the pool while we wait.
            time.sleep(min(_PAUSE_SECONDS, left))


def _look(events: list[Any]) -> None:
    """Note that a page of events was handed over; an empty one told nobody anything."""
    if not events:
        return
    with write(caller().organisation) as tx:
        audit(
            tx,
            organisation=caller().organisation,
            actor=caller().actor,
            action="events.read",
            target=public("org", caller().organisation),
            detail={"first": events[0]["seq"], "last": events[-1]["seq"]},
            now=current.now(),
        )


def _page(organisation: int, after: int, most: int) -> dict[str, Any]:
    keys = keys_of(organisation)
    with read(organisation) as tx:
        return page(tx, keys, after, most)


@contextmanager
def _place_to_wait(seconds: int) -> Iterator[int]:
    """Let at most half of the threads wait; who finds no place is answered at once.

    Otherwise a handful of followers would keep every lookup of this process waiting.
    """
    places = _places()
    if not seconds or not places.acquire(blocking=False):
        yield 0
        return
    try:
        yield seconds
    finally:
        places.release()


def _places() -> BoundedSemaphore:
    threads = current.settings().threads
    made = current_app.extensions.setdefault(
        "consent.waiting", BoundedSemaphore(max(1, threads // 2))
    )
    return cast("BoundedSemaphore", made)
