"""What a banner shows, as markup: its frame, its first layer, its second.

Written here and not by the script: a browser makes elements of markup in half the time and
a quarter of the memory that as many calls take, and the script needs no words to do it.
Every text is escaped by the template; a link is one only where it leads to the web.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from flask import render_template

from ..notices.periods import country_said, period_said

if TYPE_CHECKING:
    from collections.abc import Mapping

RIGHT_TO_LEFT: Final = frozenset({"ar", "he"})
# Unicode's first strong isolate, and its right-to-left mark.
_ISOLATED: Final = "\u2068{}\u2069"
_MARK: Final = "\u200f"
_WEB: Final = re.compile(r"https?:", re.IGNORECASE)
# Lines of a template, which is all that stands beside a mark: texts keep theirs.
_LINES: Final = re.compile(r"(?<=>)\s*\n\s*|\s*\n\s*(?=<)")


def frame(told: Mapping[str, Any]) -> str:
    """Give what stands there at first: three answers of equal weight, and the way back."""
    return _written("frame", **_asked(told))


def cover(told: Mapping[str, Any]) -> str:
    """Give what stands where a held frame would be: it may be shown once, or always."""
    return _written("cover", words=told["words"])


def second_layer(told: Mapping[str, Any]) -> str:
    """Give everything behind it: each purpose with its own switch, none set."""
    language, words = told["language"], told["words"]
    trackers = {one["id"]: _tracker(one, language, words) for one in told["trackers"]}
    return _written(
        "second_layer",
        **_asked(told),
        trackers=trackers,
        controllers=[_controller(one, language, words) for one in told["controllers"]],
        contact=told["contact"],
    )


def _written(name: str, **told: Any) -> str:
    return _LINES.sub("", render_template(f"experience/{name}.html", **told).strip())


def _asked(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "words": told["words"],
        "purposes": told["purposes"],
        "scope": _scope(told["scope"], told["words"]),
        "privacy": _link(told["privacy_url"]),
    }


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


def _link(address: str | None) -> str | None:
    return address if address and _WEB.match(address) else None


def _controller(
    one: Mapping[str, Any], language: str, words: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "name": _named(one["name"], language),
        "role": _said(words, "role", one["role"]),
        "privacy": _link(one["privacy_url"]),
    }


def _tracker(one: Mapping[str, Any], language: str, words: Mapping[str, str]) -> dict[str, Any]:
    cookies = ", ".join(
        f"{cookie['name']} ({_lifetime(cookie['lifetime'], language, words)})"
        for cookie in one["cookies"]
    )
    facts = {
        "provider": _named(one["provider"], language),
        "country": country_said(one["country"], language),
        "safeguard": _said(words, "safeguard", one["safeguard"]),
        "reason": _said(words, "exempt", one["exemption_reason"]),
        "cookies": cookies,
    }
    return {
        "name": _named(one["name"], language),
        "facts": [(words[name], fact) for name, fact in facts.items() if fact],
        "privacy": _link(one["privacy_url"]),
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
