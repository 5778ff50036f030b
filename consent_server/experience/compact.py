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
# Words of the first layer and of the second, which take them by their places.
_ASK: Final = (
    *("privacy", "new_tab", "manage", "title", "intro"),
    *("accept_all", "refuse_all", "choose"),
)
_SAID: Final = (
    *("close", "on", "off", "always_on", "trackers", "controllers", "contact"),
    *("save", "saved", "reload_why", "reload"),
    *("placeholder", "once", "placeholder_allow"),
    *_LABELS,
)
_LATER: Final = "later.js"
_SIX_MONTHS: Final = 6
# Asked again late rather than soon: no month and no year is longer.
_LONGEST: Final = {"month": 31, "year": 366}
# The looks where the organisation has none of its own; night is light on dark.
_COLOURS: Final = {"accent": "#1d4fc4", "text": "#1b1b21", "background": "#ffffff"}
_BY_NIGHT: Final = {"text": "#f1f1f5", "background": "#1d1d23"}
_RADIUS: Final = "8px"
_DARK: Final = "@media(prefers-color-scheme:dark)"


@cache
def _manifest() -> Mapping[str, Any]:
    manifest: Mapping[str, Any] = json.loads((WIDGET / "manifest.json").read_text("utf-8"))
    return manifest


def compact(whole: Mapping[str, Any], files: Collection[str]) -> dict[str, Any]:
    """Give the configuration that the script of these built files reads."""
    first = {name for file in files for name in _manifest()["uses"][file]}
    later = {*_manifest()["uses"][_LATER]}
    told = whole["experience"]
    configuration = {
        "site_": whole["site"],
        "url_": whole["endpoint"],
        "script_": whole["script"],
        "notice_": told["notice_version"],
        "version_": told["version"],
        "lang_": told["language"],
        "dir_": "rtl" if told["language"] in RIGHT_TO_LEFT else None,
        "scope_": _scope(told["scope"], told["words"]),
        "privacy_": told["privacy_url"],
        "purposes_": _purposes(told),
        "ask_": _ask(told["words"], told["version"]),
        "words_": _words(told["words"], first),
        "theme_": _theme(told["theme"] or {}, told["banner"].get("colours")),
        "cookie_": told["banner"].get("cookie", {}).get("name"),
        "domain_": told["banner"].get("cookie", {}).get("domain"),
        "days_": _days(told["ask_again_after"]),
        "modules_": {name: _Plain(settings) for name, settings in whole["modules"].items()},
        "more_": _more(told),
    }
    shortened: dict[str, Any] = _shorten(configuration, first | later)
    return shortened


def _more(told: Mapping[str, Any]) -> Folded:
    """Give what only the second layer shows: the browser makes nothing of it until then."""
    language = told["language"]
    return Folded(
        controllers_=[_controller(one, language, told["words"]) for one in told["controllers"]],
        contact_=told["contact"],
        texts_=_texts(told),
        trackers_=[_tracker(one, language, told["words"]) for one in told["trackers"]],
        said_=[told["words"][name] for name in _SAID],
    )


def short_name(name: str) -> str:
    """Give the name that the build gave to one of ours."""
    short: str = _manifest()["names"][name]
    return short


class Folded(dict[str, Any]):
    """A part of the configuration that is not looked at before it is asked for."""


class _Plain(dict[str, Any]):
    """A table whose names are not ours to shorten."""


def _shorten(value: Any, used: Collection[str]) -> Any:
    if isinstance(value, _Plain):
        return dict(value)
    if isinstance(value, dict):
        names = _manifest()["names"]
        kept = {
            names.get(name, name): _shorten(part, used)
            for name, part in value.items()
            if (not name.endswith("_") or name in used) and part not in (None, "", [], {})
        }
        return Folded(kept) if isinstance(value, Folded) else kept
    if isinstance(value, list):
        return [_shorten(part, used) for part in value]
    return value


def _scope(scope: Mapping[str, Any] | None, words: Mapping[str, str]) -> str | None:
    """Say in a sentence where a choice counts, if elsewhere than here: sites, devices."""
    if scope is None:
        return None
    said = []
    if len(scope["sites"]) > 1:
        said.append(f"{words['scope']} {', '.join([scope['name'], *scope['sites']])}")
    if scope.get("devices"):
        said.append(words["devices"])
    return ". ".join(said) or None


def _controller(one: Mapping[str, Any], language: str, words: Mapping[str, str]) -> list[Any]:
    told = [
        _named(one["name"], language),
        _said(words, "role", one["role"]),
        one["privacy_url"],
    ]
    return _trimmed(told)


def _trimmed(values: list[Any]) -> list[Any]:
    """Say nothing of what is missing at the end, and 0 for what is missing before it."""
    while values and not values[-1]:
        values.pop()
    return [value or 0 for value in values]


def _purposes(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "slug_": one["slug"],
            "title_": one["title"],
            "exempt_": 1 if one["exempt"] else None,
            "floor_": one["floor"] if one["floor"] > 1 else None,
            "lang_": one.get("lang"),
        }
        for one in told["purposes"]
    ]


def _texts(told: Mapping[str, Any]) -> list[list[Any]]:
    """Give of each purpose, in the same order, its text and the places of its trackers."""
    places = {tracker["id"]: place for place, tracker in enumerate(told["trackers"])}
    return [
        [one["text"], *(places[tracker] for tracker in one["trackers"])]
        for one in told["purposes"]
    ]


def _tracker(one: Mapping[str, Any], language: str, words: Mapping[str, str]) -> list[Any]:
    facts = [
        _named(one["provider"], language),
        country_said(one["country"], language),
        _said(words, "safeguard", one["safeguard"]),
        _said(words, "exempt", one["exemption_reason"]),
    ]
    cookies = [
        [cookie["name"], _lifetime(cookie["lifetime"], language, words)]
        for cookie in one["cookies"]
    ]
    return [_named(one["name"], language), one["privacy_url"] or 0, cookies, *_trimmed(facts)]


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


def _ask(words: Mapping[str, str], version: int) -> list[Any]:
    # Nobody has seen a version before the first.
    changed = words["changed"] if version > 1 else None
    return _trimmed([*(words[name] for name in _ASK), changed, words.get("lang")])


def _words(words: Mapping[str, str], used: Collection[str]) -> dict[str, str]:
    """Give the words that a module asks for by their names."""
    taken = {*_ASK, *_SAID, "changed", "lang", "scope", "devices", "purposes", "receipt"}
    named = {f"{name}_": text for name, text in words.items() if name not in taken}
    return {name: text for name, text in named.items() if name in used}


def _theme(theme: Mapping[str, Any], colours: str | None) -> str:
    """Give the style's custom properties, by day and by night; one of them may be both.

    They stand in the style sheet as they are: the organisation file lets in nothing but
    colours and pixels.
    """
    day = {name: theme.get(name) or own for name, own in _COLOURS.items()}
    given = theme.get("dark") or {}
    # On the default night even black, mixed 60 % with white, reaches 4.5:1.
    accent = given.get("accent") or f"color-mix(in srgb,{day['accent']} 40%,#fff)"
    night = {"accent": accent}
    night |= {name: given.get(name) or own for name, own in _BY_NIGHT.items()}
    if colours in {"light", "dark"}:
        day = night = day if colours == "light" else night
    rule = f".base{{{_properties(day)};--r:{theme.get('radius') or _RADIUS}}}"
    if day != night:
        rule += f"{_DARK}{{.base{{{_properties(night)};color-scheme:dark}}}}"
    return rule


def _properties(colours: Mapping[str, str]) -> str:
    return ";".join(f"--{name[0]}:{value}" for name, value in colours.items())


def _days(period: str) -> int | None:
    """Say how many days pass before asking again, where that is longer than six months."""
    asked = duration(period)
    years, months = divmod(asked.months, 12)
    if not asked.days and asked.months <= _SIX_MONTHS:
        return None
    return years * _LONGEST["year"] + months * _LONGEST["month"] + asked.days
