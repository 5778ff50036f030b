"""The body of a version: all that is shown, in every language, and all that is asked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..ids import public
from ..ledger.canonical import canonical_bytes
from ..organisations.document.law import calls_are_told
from ..organisations.document.vocabulary import NUMBERED
from .built_in import built_in_words, words_of_calls, words_of_devices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .catalogue import Catalogue

FORMAT: Final = "consent-notice/1"
_POLICY: Final = "policy"
# Where people give what they are reached by.
_COLLECTING: Final = frozenset({"form", "call_script"})
# Each device answers for itself: then the notice has nothing to say of it.
_APART: Final = "off"

# What a person may read of a purpose and of a tracker; the rest steers the server only.
_PURPOSE: Final = (
    "slug", "title", "text", "kind", "basis", "channel", "family", "validity",
    "proof_period", "explicit", "grounds", "opt_out", "exemption_reason", "relationships",
    "recipients", "retention",
)  # fmt: skip
_TRACKER: Final = (
    "slug", "name", "provider", "country", "safeguard", "privacy_url", "exemption_reason",
    "cookies", "hosts", "data_kept",
)  # fmt: skip
_ORGANISATION: Final = (
    "slug", "name", "legal_name", "legal_id", "country", "default_language", "address",
    "contact", "dpo", "privacy_url",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Written:
    """A notice as its author wrote it, and what it belongs to."""

    notice_id: int
    slug: str
    surface: str
    site: str | None
    purposes: Sequence[str]
    words: Mapping[str, Any]


def compose(
    written: Written,
    settings: Mapping[str, Any],
    catalogue: Catalogue,
    sites: Mapping[str, int],
) -> dict[str, Any]:
    """Put together all that people are shown; equal input gives equal bodies."""
    organisation = settings["organisation"]
    asked = [catalogue.purpose(slug) for slug in written.purposes]
    scope = _scope(written.site, settings)
    trackers = [item for item in catalogue.trackers if _serves(item, written.purposes)]
    return {
        "format": FORMAT,
        "notice": {
            "id": public("ntc", written.notice_id),
            "slug": written.slug,
            "surface": written.surface,
        },
        "organisation": {name: organisation.get(name) for name in _ORGANISATION},
        "complaint": organisation.get("complaint"),
        "site": _site(written.site, settings, sites),
        "scope": scope,
        "themes": _of_sites("theme", written.site, settings),
        "banners": _of_sites("banner", written.site, settings),
        "tags": _tags(written.site, settings),
        "languages": sorted(written.words),
        "words": dict(written.words),
        "built_in": {
            **{
                tongue: {**texts, **words_of_devices(tongue, scope)}
                for tongue, texts in built_in_words(written.surface).items()
            },
            **_of_calls(written, organisation["country"], asked),
        },
        "purposes": [_purpose(item, trackers) for item in asked],
        "trackers": [_tracker(item) for item in trackers],
        "controllers": list(settings.get("controllers", ())),
        "recipients": _recipients(written, settings, asked),
        "rights": list((settings.get("rights") or {}).get("offered", ())),
        "ask_again_after": organisation["settings"]["ask_again_after"],
        "signals": {"gpc": organisation["settings"]["privacy_signal"]},
    }


def _of_calls(
    written: Written, country: str, asked: Sequence[Mapping[str, Any]]
) -> Mapping[str, Mapping[str, str]]:
    """Give what is said where a telephone number is collected (PRO-5)."""
    collects = written.surface in _COLLECTING and any(
        item["channel"] in NUMBERED for item in asked
    )
    return words_of_calls(written.words) if collects and calls_are_told(country) else {}


def content_hash(body: Mapping[str, Any]) -> bytes:
    """Hash a body over all its languages and built-in words."""
    return hashlib.sha256(canonical_bytes(body)).digest()


def _purpose(item: Mapping[str, Any], trackers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "id": public("pur", item["id"]),
        **{name: item.get(name) for name in _PURPOSE},
        "trackers": [
            tracker["slug"] for tracker in trackers if item["slug"] in tracker["purposes"]
        ],
    }


def _tracker(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": public("trk", item["id"]), **{name: item.get(name) for name in _TRACKER}}


def _serves(tracker: Mapping[str, Any], purposes: Sequence[str]) -> bool:
    return any(slug in tracker["purposes"] for slug in purposes)


def _site(
    slug: str | None, settings: Mapping[str, Any], sites: Mapping[str, int]
) -> dict[str, str] | None:
    found = next((site for site in settings.get("sites", ()) if site["slug"] == slug), None)
    if found is None:
        return None
    return {
        "id": public("site", sites[found["slug"]]),
        "slug": found["slug"],
        "name": found["name"],
    }


def _sharing(slug: str | None, settings: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Give the sites that show a site's banner: those with its scope."""
    sites = settings.get("sites", ())
    scope = next((site["scope"] for site in sites if site["slug"] == slug), None)
    return [site for site in sites if scope is not None and site["scope"] == scope]


def _scope(slug: str | None, settings: Mapping[str, Any]) -> dict[str, Any] | None:
    sites = _sharing(slug, settings)
    if not sites:
        return None
    shown = [{"slug": site["slug"], "name": site["name"]} for site in sites]
    scope = {"slug": sites[0]["scope"], "sites": shown}
    policy = settings["organisation"]["settings"].get("device_conflict", _APART)
    return scope if policy == _APART else {**scope, "devices": policy}


def _of_sites(what: str, slug: str | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Give a setting of each site that shows the banner; None is the default."""
    return {site["slug"]: site.get(what) for site in _sharing(slug, settings)}


def _tags(slug: str | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Give what each site tells other companies' tags: part of what an answer meant."""
    return {
        site["slug"]: {name: site.get(name) for name in ("signals", "markup")}
        for site in _sharing(slug, settings)
    }


def _recipients(
    written: Written, settings: Mapping[str, Any], asked: Sequence[Mapping[str, Any]]
) -> list[Any]:
    every = settings.get("recipients", ())
    if written.surface == _POLICY:
        return list(every)
    named = {slug for item in asked for slug in item.get("recipients") or ()}
    return [recipient for recipient in every if recipient["slug"] in named]
