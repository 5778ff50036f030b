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
from ..organisations.document import duration
from .layers import RIGHT_TO_LEFT, cover, frame, second_layer

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

# Words that the script takes by their places.
_SAID: Final = ("saved", "reload_why")
_NO_WORDS: Final = frozenset({"lang", "title"})
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
        "purposes_": _purposes(told),
        "frame_": frame(told),
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
    """Give what only a choice needs: the browser makes nothing of it until then."""
    return Folded(
        second_=second_layer(told),
        cover_=cover(told),
        cookies_=_cookies(told),
        said_=[told["words"][name] for name in _said(told)],
    )


def _said(told: Mapping[str, Any]) -> Sequence[str]:
    # Nobody has seen a version before the first.
    return (*_SAID, "changed") if told["version"] > 1 else _SAID


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


def _purposes(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "slug_": one["slug"],
            "title_": one["title"],
            "exempt_": 1 if one["exempt"] else None,
            "floor_": one["floor"] if one["floor"] > 1 else None,
        }
        for one in told["purposes"]
    ]


def _cookies(told: Mapping[str, Any]) -> list[list[str]]:
    """Name of each purpose, in the same order, the cookies of its trackers."""
    names = {
        tracker["id"]: [cookie["name"] for cookie in tracker["cookies"]]
        for tracker in told["trackers"]
    }
    return [
        [name for tracker in one["trackers"] for name in names[tracker]]
        for one in told["purposes"]
    ]


def _words(words: Mapping[str, str], used: Collection[str]) -> dict[str, str]:
    """Give the words that a module asks for by their names."""
    # Names of ours that no module means as a word.
    named = {f"{name}_": text for name, text in words.items() if name not in _NO_WORDS}
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
