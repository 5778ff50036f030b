"""What a banner shows, as its script carries it: short names, nothing empty, nothing unused.

The contract's own shape is that of `present.py`. This one is between this server and the
script it was built with: a name in here that ends in `_` is written as the build's manifest
shortens it, and left out where neither the core nor a chosen module asks for it.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from ..notices.built_in import WIDGET
from ..notices.periods import country_said, period_said
from ..organisations.document import duration

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

RIGHT_TO_LEFT: Final = frozenset({"ar", "he"})
# Unicode's first strong isolate, and its right-to-left mark.
_ISOLATED: Final = "\u2068{}\u2069"
_MARK: Final = "\u200f"
# What a visitor is told of a tracker: the word above it, and where its value comes from.
_LABELS: Final = ("provider", "country", "safeguard", "reason", "cookies")
# Said by the visitor's own record alone, which brings its own.
_LATER: Final = ("receipt",)
_SIX_MONTHS: Final = 6
# Asked again late rather than soon: no month and no year is longer.
_LONGEST: Final = {"month": 31, "year": 366}
# The looks where the organisation has none of its own; night is light on dark.
_COLOURS: Final = {"accent": "#1d4fc4", "text": "#1b1b21", "background": "#ffffff"}
_BY_NIGHT: Final = {"text": "#f1f1f5", "background": "#1d1d23"}
_RADIUS: Final = "8px"


@cache
def _manifest() -> Mapping[str, Any]:
    manifest: Mapping[str, Any] = json.loads((WIDGET / "manifest.json").read_text("utf-8"))
    return manifest


def compact(whole: Mapping[str, Any], files: Collection[str]) -> dict[str, Any]:
    """Give the configuration that the script of these built files reads."""
    used = {name for file in files for name in _manifest()["uses"][file]}
    told, words = whole["experience"], whole["experience"]["words"]
    configuration = {
        "site_": whole["site"],
        "url_": whole["endpoint"],
        "script_": whole["script"],
        "notice_": told["notice_version"],
        "version_": told["version"],
        "lang_": told["language"],
        "dir_": "rtl" if told["language"] in RIGHT_TO_LEFT else None,
        "scope_": _scope(told["scope"], words),
        "controllers_": [
            _controller(one, told["language"], words) for one in told["controllers"]
        ],
        "privacy_": told["privacy_url"],
        "contact_": told["contact"],
        "purposes_": _purposes(told),
        "trackers_": [_tracker(one, told["language"], words) for one in told["trackers"]],
        "words_": {
            **_words(words, told["version"]),
            "labels_": [words[label] for label in _LABELS],
        },
        "theme_": _theme(told["theme"] or {}, told["banner"].get("colours")),
        "cookie_": told["banner"].get("cookie", {}).get("name"),
        "domain_": told["banner"].get("cookie", {}).get("domain"),
        "days_": _days(told["ask_again_after"]),
        "modules_": {name: _Plain(settings) for name, settings in whole["modules"].items()},
    }
    shortened: dict[str, Any] = _shorten(configuration, used)
    return shortened


class _Plain(dict[str, Any]):
    """A table whose names are not ours to shorten."""


def _shorten(value: Any, used: Collection[str]) -> Any:
    if isinstance(value, _Plain):
        return dict(value)
    if isinstance(value, dict):
        names = _manifest()["names"]
        return {
            names.get(name, name): _shorten(part, used)
            for name, part in value.items()
            if (not name.endswith("_") or name in used) and part not in (None, "", [], {})
        }
    if isinstance(value, list):
        return [_shorten(part, used) for part in value]
    return value


def _scope(scope: Mapping[str, Any] | None, words: Mapping[str, str]) -> str | None:
    if scope is None or len(scope["sites"]) < 2:
        return None
    return f"{words['scope']} {', '.join([scope['name'], *scope['sites']])}"


def _controller(
    one: Mapping[str, Any], language: str, words: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "name_": _named(one["name"], language),
        "role_": _said(words, "role", one["role"]),
        "privacy_": one["privacy_url"],
    }


def _purposes(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    places = {tracker["id"]: place for place, tracker in enumerate(told["trackers"])}
    return [
        {
            "slug_": one["slug"],
            "title_": one["title"],
            "text_": one["text"],
            "exempt_": 1 if one["exempt"] else None,
            "floor_": one["floor"] if one["floor"] > 1 else None,
            "trackers_": [places[tracker] for tracker in one["trackers"]],
            "lang_": one.get("lang"),
        }
        for one in told["purposes"]
    ]


def _tracker(one: Mapping[str, Any], language: str, words: Mapping[str, str]) -> dict[str, Any]:
    facts = [
        _named(one["provider"], language),
        country_said(one["country"], language),
        _said(words, "safeguard", one["safeguard"]),
        _said(words, "exempt", one["exemption_reason"]),
    ]
    while facts and not facts[-1]:
        facts.pop()
    return {
        "name_": _named(one["name"], language),
        "facts_": [fact or 0 for fact in facts],
        "cookies_": [
            [cookie["name"], _lifetime(cookie["lifetime"], language, words)]
            for cookie in one["cookies"]
        ],
        "privacy_": one["privacy_url"],
    }


def _lifetime(text: str, language: str, words: Mapping[str, str]) -> str:
    said = words["lifetime_session"] if text == "session" else period_said(text, language)
    # It follows a cookie's name: without the mark its figures would join the name's direction.
    return f"{_MARK}{said}" if language in RIGHT_TO_LEFT else said


def _named(text: str, language: str) -> str:
    """Keep a name's own direction, its last full stop included, among words of the other."""
    return _ISOLATED.format(text) if language in RIGHT_TO_LEFT else text


def _said(words: Mapping[str, str], kind: str, word: str | None) -> str | None:
    """Give a word of a closed list in the reader's language, or the organisation's own."""
    return words.get(f"{kind}_{word}", word) if word else None


def _words(words: Mapping[str, str], version: int) -> dict[str, Any]:
    # Said by this server in the parts above, or of no use: nobody has seen a version before
    # the first.
    said = {*_LABELS, "scope", "purposes", *_LATER, *(["changed"] if version == 1 else [])}
    kept = {f"{name}_": text for name, text in words.items() if name not in said}
    return {**kept, "labels_": [words[label] for label in _LABELS]}


def _theme(theme: Mapping[str, Any], colours: str | None) -> dict[str, str]:
    """Give the custom properties of the style, by day and by night; one of them may be both."""
    day = {name: theme.get(name) or own for name, own in _COLOURS.items()}
    given = theme.get("dark") or {}
    # On the default night even black, mixed 60 % with white, reaches 4.5:1.
    accent = given.get("accent") or f"color-mix(in srgb,{day['accent']} 40%,#fff)"
    night = {"accent": accent}
    night |= {name: given.get(name) or own for name, own in _BY_NIGHT.items()}
    if colours in {"light", "dark"}:
        day = night = day if colours == "light" else night
    return {
        **{f"--{name[0]}": value for name, value in day.items()},
        **{f"--{name[0].upper()}": value for name, value in night.items()},
        "--r": theme.get("radius") or _RADIUS,
    }


def _days(period: str) -> int | None:
    """Say how many days pass before asking again, where that is longer than six months."""
    asked = duration(period)
    years, months = divmod(asked.months, 12)
    if not asked.days and asked.months <= _SIX_MONTHS:
        return None
    return years * _LONGEST["year"] + months * _LONGEST["month"] + asked.days
