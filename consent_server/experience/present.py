"""What a site’s banner shows in one language, from the version in force and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..ids import public
from ..notices.built_in import built_in_words
from ..notices.periods import beyond_the_browser
from ..notices.speak import fallback_language, spoken
from ..organisations.document import DEFAULT_BANNER, as_plain
from ..web import plain_language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..notices import Configuration, VersionShown
    from ..organisations import SiteInForce

# Words of closed lists, which a banner carries only where it uses them.
_LISTS: Final = ("role_", "safeguard_", "exempt_")
# Where no safeguard is needed, or none is given, there is nothing to tell.
_NO_SAFEGUARD: Final = "none_needed_eu"
_DEFAULTS: Final = as_plain(DEFAULT_BANNER)
# The signal as it counts here, the site's own or the organisation's, is among the signals.
_TOLD_ELSEWHERE: Final = ("gpc",)


def language_of(shown: VersionShown, asked: str) -> str:
    """Choose the language of the built-in words: the one asked for, else the organisation's."""
    built_in = shown.body["built_in"]
    plain = plain_language(asked)
    if plain in built_in:
        return plain
    own = fallback_language(shown.body)
    return own if own in built_in else "en"


def experience(
    found: Configuration, site: SiteInForce, shown: VersionShown, language: str
) -> dict[str, Any]:
    """Say what the banner of a site shows; the organisation's own texts may fall back."""
    body = shown.body
    floors = _floors(found, shown)
    organisation = body["organisation"]
    chosen = (body.get("banners") or {}).get(site.slug) or {}
    told = {
        "notice_version": public("ntv", shown.id),
        "version": shown.number,
        "language": language,
        "scope": _scope(body["scope"]),
        "controllers": [_controller(body, item, language) for item in body["controllers"]],
        "privacy_url": _text(body, organisation["privacy_url"], language),
        "contact": (organisation["dpo"] or organisation["contact"])["email"],
        "purposes": [_purpose(body, item, floors, language) for item in body["purposes"]],
        "trackers": [_tracker(item) for item in body["trackers"]],
        "theme": body["themes"].get(site.slug) or {},
        "banner": _banner(chosen),
        "ask_again_after": body["ask_again_after"],
        "signals": {**body["signals"], **({"gpc": chosen["gpc"]} if chosen.get("gpc") else {})},
    }
    return {**told, "words": _words(body, told, language)}


def _banner(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Give the settings that are not the default: every page pays for each byte of them."""
    return {
        name: _given(value) if name == "cookie" else value
        for name, value in chosen.items()
        if value != _DEFAULTS[name] and name not in _TOLD_ELSEWHERE
    }


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _floors(found: Configuration, shown: VersionShown) -> dict[str, int]:
    return {
        public("pur", purpose): number
        for (notice, purpose), number in found.floors.items()
        if notice == shown.notice_id
    }


def _text(
    body: Mapping[str, Any], texts: Mapping[str, Any] | None, language: str
) -> str | None:
    chosen = spoken(texts, language, fallback_language(body))
    return chosen.text if chosen else None


def _scope(scope: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if scope is None:
        return None
    shown = {"name": scope["slug"], "sites": [site["name"] for site in scope["sites"]]}
    devices = scope.get("devices")
    return {**shown, "devices": devices} if devices else shown


def _controller(
    body: Mapping[str, Any], item: Mapping[str, Any], language: str
) -> dict[str, Any]:
    return {
        "name": item["name"],
        "role": item["role"],
        "privacy_url": _text(body, item["privacy_url"], language),
    }


def _purpose(
    body: Mapping[str, Any], item: Mapping[str, Any], floors: Mapping[str, int], language: str
) -> dict[str, Any]:
    fallback = fallback_language(body)
    title = spoken(item["title"], language, fallback)
    text = spoken(item["text"], language, fallback)
    ids = {tracker["slug"]: tracker["id"] for tracker in body["trackers"]}
    said = {
        "id": item["id"],
        "slug": item["slug"],
        "title": title.text if title else item["slug"],
        "text": text.text if text else "",
        "kind": item["kind"],
        "basis": item["basis"],
        "exempt": item["basis"] == "exempt",
        "floor": floors.get(item["id"], 1),
        "trackers": [ids[slug] for slug in item["trackers"]],
    }
    return {**said, "lang": title.lang} if title and title.lang else said


def _tracker(item: Mapping[str, Any]) -> dict[str, Any]:
    safeguard = item["safeguard"]
    return {
        "id": item["id"],
        "name": item["name"],
        "provider": item["provider"],
        "country": item["country"],
        "safeguard": None if safeguard == _NO_SAFEGUARD else safeguard,
        "privacy_url": item["privacy_url"],
        "exemption_reason": item["exemption_reason"],
        "cookies": [
            {"name": cookie["name"], "lifetime": cookie["lifetime"]}
            for cookie in item["cookies"]
        ],
    }


def _words(body: Mapping[str, Any], told: Mapping[str, Any], language: str) -> dict[str, str]:
    fallback = fallback_language(body)
    own = language if language in body["words"] else fallback
    # A word that the banner has gained since this version was published comes from the
    # server's own list: a button without a label would be worse.
    built_in = {**built_in_words("banner").get(language, {}), **body["built_in"][language]}
    words = {name: text for name, text in built_in.items() if _used(name, told)}
    words |= {name: body["words"][own][name] for name in ("title", "intro")}
    words |= beyond_the_browser(*_figures(told), language)
    return words if own == language else {**words, "lang": own}


def _figures(told: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    trackers = told["trackers"]
    lifetimes = (cookie["lifetime"] for one in trackers for cookie in one["cookies"])
    return sorted(set(lifetimes)), sorted({one["country"] for one in trackers})


def _used(name: str, told: Mapping[str, Any]) -> bool:
    kind = next((kind for kind in _LISTS if name.startswith(kind)), None)
    return kind is None or name.removeprefix(kind) in _values(kind, told)


def _values(kind: str, told: Mapping[str, Any]) -> set[Any]:
    of: dict[str, tuple[Sequence[Mapping[str, Any]], str]] = {
        "role_": (told["controllers"], "role"),
        "safeguard_": (told["trackers"], "safeguard"),
        "exempt_": (told["trackers"], "exemption_reason"),
    }
    items, name = of[kind]
    return {item[name] for item in items}
