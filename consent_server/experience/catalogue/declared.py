"""Which of an organisation's trackers stand for a service of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .match import Addresses
from .services import Service, services

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Tracker = Mapping[str, Any]


def catalogue_addresses() -> Addresses[Service]:
    """Give the whole catalogue, to be asked whose an address is."""
    return Addresses((host, one) for one in services().values() for host in one.hosts)


def declared(trackers: Iterable[Tracker]) -> dict[str, list[Tracker]]:
    """Give the trackers that declare each service, by its slug or one of its hosts."""
    addresses = catalogue_addresses()
    found: dict[str, list[Tracker]] = {}
    for tracker in trackers:
        known = {tracker["slug"]} & services().keys()
        for host in tracker.get("hosts") or ():
            service = addresses.find(host)
            if service is not None:
                known.add(service.slug)
        for slug in sorted(known):
            found.setdefault(slug, []).append(tracker)
    return found
