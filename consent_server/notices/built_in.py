"""The server's own words on a surface: fixed in a version when it is published."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..web.words import Words, load_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WIDGET: Final = Path(__file__).parents[1] / "static" / "widget"
# Read word by word by someone who speaks it. The others are used as they are, and staff are
# told so; a language joins once a speaker has read the whole of its file in widget/words.
REVIEWED: Final = frozenset({"en", "fr"})
_BANNER: Final = "banner"
# The sentence on sales calls, among the built-in words of a version that has it.
CALLS: Final = "calls"


@cache
def _banner_words() -> Words:
    return load_words(WIDGET)


def built_in_words(surface: str) -> Words:
    """Give the built-in words of a surface by language; most surfaces have none."""
    return _banner_words() if surface == _BANNER else {}


@cache
def _device_words() -> Words:
    words: Words = json.loads((Path(__file__).parent / "device_words.json").read_text("utf-8"))
    return words


def words_of_devices(language: str, scope: Mapping[str, Any] | None) -> dict[str, str]:
    """Give the sentence that says that a choice counts on all devices, where it does.

    The first layer shows it: without it no choice leaves its device (CNIL-14).
    """
    policy = (scope or {}).get("devices")
    return {"devices": _device_words()[language][policy]} if policy else {}


@cache
def _calls_words() -> Mapping[str, str]:
    words: dict[str, str] = json.loads(
        (Path(__file__).parent / "calls_words.json").read_text("utf-8")
    )
    return words


def words_of_calls(languages: Iterable[str]) -> Words:
    """Give the sentence for whoever is asked for a telephone number (C. conso L.223-2).

    In each of the languages; in English if the server speaks none of them.
    """
    words = _calls_words()
    spoken = [tongue for tongue in languages if tongue in words] or ["en"]
    return {tongue: {CALLS: words[tongue]} for tongue in spoken}


def unreviewed(body: Mapping[str, Any]) -> list[str]:
    """Name the languages of a version's built-in words that no speaker has reviewed."""
    return sorted(set(body["built_in"]) - REVIEWED)
