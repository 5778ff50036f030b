"""The catalogue as the banner carries it: addresses, names, and the purposes of one site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .declared import declared
from .services import services

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Body = Mapping[str, Any]

# The uses whose placeholders have a look of their own.
_DRAWN: Final = ("audio", "maps", "video")


def recognised(body: Body) -> dict[str, str]:
    """Give the addresses that a notice's organisation or the catalogue knows, with purposes.

    A service belongs to the purposes of the trackers that declare it, else to none: then it
    is held whatever the visitor says, because nobody asked them about it.
    """
    purposes = _purposes(body)
    by_service = declared(body["trackers"])
    # The organisation's own trackers come first: of equal patterns the first one stands.
    lines = [
        _line(one["name"], one["hosts"], purposes[one["slug"]])
        for one in body["trackers"]
        if one.get("hosts")
    ]
    for service in services().values():
        theirs = by_service.get(service.slug, ())
        slugs = [slug for one in theirs for slug in purposes[one["slug"]]]
        lines.append(_line(service.name, service.hosts, slugs))
    return {"services": "\n".join(lines)}


def looks(body: Body, *, every: bool) -> dict[str, str]:
    """Give the services whose placeholders have a look: those declared, or every one."""
    known = services().keys() if every else declared(body["trackers"]).keys()
    lines = [
        _line(service.name, service.hosts, [service.use])
        for service in services().values()
        if service.use in _DRAWN and service.slug in known
    ]
    return {"services": "\n".join(lines)}


def _purposes(body: Body) -> dict[str, list[str]]:
    return {
        tracker["slug"]: [
            one["slug"] for one in body["purposes"] if tracker["slug"] in one["trackers"]
        ]
        for tracker in body["trackers"]
    }


def _line(name: str, hosts: Sequence[str], words: Iterable[str]) -> str:
    # What separates must not stand within: a name is the organisation's own text.
    plain = " ".join(name.split())
    own = (host for host in hosts if not any(letter.isspace() for letter in host))
    return "\t".join((plain, " ".join(own), " ".join(dict.fromkeys(words))))
