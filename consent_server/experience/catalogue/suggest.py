"""Says which services a page uses, who declares them, and what to write for the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...db import to_json
from ...organisations.document.countries import WITHIN_GDPR
from .declared import catalogue_addresses, declared
from .match import Addresses, matches_name, split_address
from .services import Service, services

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .declared import Tracker
    from .inspect import Seen


@dataclass(frozen=True)
class Found:
    """A service of the page: what gave it away, and the trackers that declare it."""

    service: Service
    hosts: Sequence[str]
    names: Sequence[str]
    declared_by: Sequence[str]


@dataclass(frozen=True)
class Suggestions:
    """All that was found on a page."""

    found: Sequence[Found]
    # Names that several services leave: which of them it was cannot be told.
    unsure: Mapping[str, Sequence[str]]
    # Hosts of others that the catalogue does not know and no tracker declares.
    unknown: Sequence[str]


@dataclass
class _Evidence:
    hosts: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)


def suggest(seen: Seen, trackers: Iterable[Tracker], own: Iterable[str]) -> Suggestions:
    """Compare what a page does with the catalogue and with what its organisation declares.

    `own` are the hosts of the organisation's sites: what they serve is nobody else's.
    """
    trackers = list(trackers)
    evidence: dict[str, _Evidence] = {}
    unknown = _by_address(seen, trackers, set(own), evidence)
    unsure = _by_name(seen, evidence)
    by_service = declared(trackers)
    found = [
        Found(
            services()[slug],
            sorted(one.hosts),
            sorted(one.names),
            [tracker["slug"] for tracker in by_service.get(slug, ())],
        )
        for slug, one in sorted(evidence.items())
    ]
    return Suggestions(found, unsure, unknown)


def _by_address(
    seen: Seen, trackers: list[Tracker], own: set[str], evidence: dict[str, _Evidence]
) -> list[str]:
    catalogue = catalogue_addresses()
    theirs = Addresses((host, True) for one in trackers for host in one.get("hosts") or ())
    unknown = set()
    for address in seen.addresses:
        host, _ = split_address(address)
        if host in own:
            continue
        service = catalogue.find(address)
        if service is not None:
            evidence.setdefault(service.slug, _Evidence()).hosts.add(host)
        elif not theirs.find(address):
            unknown.add(host)
    return sorted(unknown)


def _by_name(seen: Seen, evidence: dict[str, _Evidence]) -> dict[str, list[str]]:
    unsure = {}
    for name in sorted(seen.names):
        slugs = [
            one.slug
            for one in services().values()
            if any(matches_name(pattern, name) for pattern in one.names)
        ]
        # A service whose address was seen needs no second candidate.
        seen_too = [slug for slug in slugs if slug in evidence and evidence[slug].hosts]
        certain = slugs if len(slugs) == 1 else seen_too
        for slug in certain:
            evidence.setdefault(slug, _Evidence()).names.add(name)
        if slugs and not certain:
            unsure[name] = slugs
    return unsure


def to_paste(service: Service, purposes: Sequence[str], usual: str | None) -> str:
    """Write an item for `trackers:` of an organisation's file, with what is left to decide."""
    inside = service.country in WITHIN_GDPR
    lines = [
        f"  - slug: {service.slug}",
        f"    name: {_quoted(service.name)}",
        f"    provider: {_quoted(service.provider)}",
        f"    country: {service.country}",
        "    safeguard: none_needed_eu"
        if inside
        else "    safeguard: scc  # or adequacy, bcr, derogation: what does your contract say?",
        f"    privacy_url: {service.privacy_url}"
        if service.privacy_url
        else '    privacy_url: ""  # where is it? the catalogue does not know',
        f"    purposes: [{usual}]  # as your other services of this kind; check"
        if usual
        else f"    purposes: []  # which of: {', '.join(purposes)}",
        f"    hosts: [{', '.join(_quoted(host) for host in service.hosts)}]",
        *_cookies(service),
    ]
    return "\n".join(lines)


def _cookies(service: Service) -> Iterable[str]:
    if not any(service.names):
        return
    yield "    cookies:"
    for name, lifetime in service.cookies.items():
        yield f"      - {{name: {_quoted(name)}, lifetime: {lifetime}}}"
    for name in service.local_storage:
        yield (
            f"      - {{name: {_quoted(name)}, lifetime: P13M, storage: local_storage}}"
            "  # stays until deleted: after how long do you?"
        )
    for name in service.session_storage:
        yield f"      - {{name: {_quoted(name)}, lifetime: session, storage: session_storage}}"


def usual_purposes(trackers: Iterable[Tracker], uses: Iterable[str]) -> dict[str, str]:
    """Tell, for each use, the one purpose that all declared services of it serve."""
    served: dict[str, set[str]] = {}
    for slug, theirs in declared(trackers).items():
        for tracker in theirs:
            served.setdefault(services()[slug].use, set()).update(tracker["purposes"])
    return {use: next(iter(served[use])) for use in uses if len(served.get(use, ())) == 1}


def _quoted(text: str) -> str:
    # A text in JSON is the same text in YAML.
    return to_json(text)


def as_plain(suggestions: Suggestions) -> dict[str, Any]:
    """Give the suggestions as plain values, for scripts."""
    return {
        "services": [
            {
                "slug": one.service.slug,
                "name": one.service.name,
                "use": one.service.use,
                "hosts": list(one.hosts),
                "names": list(one.names),
                "declared_by": list(one.declared_by),
            }
            for one in suggestions.found
        ],
        "unsure": {name: list(slugs) for name, slugs in suggestions.unsure.items()},
        "unknown": list(suggestions.unknown),
    }
