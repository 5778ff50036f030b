"""A version in one person's language: texts fall back and say so, figures become words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from babel.dates import format_datetime

from ..clock import from_micros
from .built_in import CALLS
from .periods import country_said, locale_of, period_said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .values import VersionShown


@dataclass(frozen=True)
class Spoken:
    """A text, and its language where it is not the page's."""

    text: str
    lang: str | None = None

    def __str__(self) -> str:
        return self.text


class Speaker:
    """Says a version in one language."""

    def __init__(self, version: VersionShown, language: str, words: Mapping[str, str]) -> None:
        self.version = version
        self.language = language
        self.words = words
        self.fallback = fallback_language(version.body)
        self.locale = locale_of(language)

    def text(self, texts: Mapping[str, Any] | None) -> Spoken | None:
        """Give a text in the page's language, else in the nearest one there is."""
        return spoken(texts, self.language, self.fallback)

    def word(self, kind: str, value: object) -> str:
        """Give a word of a closed list."""
        return self.words.get(f"{kind}_{value}", str(value)) if value else ""

    def country(self, code: str | None) -> str:
        """Name a country."""
        return country_said(code, self.language)

    def period(self, text: str | None) -> str:
        """Say a duration: `P6M` is 6 months."""
        if text is None:
            return ""
        if text == "session":
            return self.words["session"]
        return period_said(text, self.language)

    def moment(self, micros: int) -> str:
        """Say an instant, in UTC."""
        return str(
            format_datetime(from_micros(micros), "d MMMM yyyy, HH:mm 'UTC'", locale=self.locale)
        )


def fallback_language(body: Mapping[str, Any]) -> str:
    """Tell in which language a version's own words are when they lack the one asked for."""
    default = body["organisation"]["default_language"]
    languages: Sequence[str] = body["languages"]
    return default if default in languages else languages[0]


def calls_said(body: Mapping[str, Any], language: str) -> Spoken | None:
    """Give what a version says of sales calls to whoever leaves a number, if it does."""
    told = {
        tongue: words[CALLS] for tongue, words in body["built_in"].items() if CALLS in words
    }
    return spoken(told, language, fallback_language(body))


def spoken(texts: Mapping[str, Any] | None, language: str, fallback: str) -> Spoken | None:
    """Choose a text: the language asked for, else the fallback, else any; marked if not it."""
    if not texts:
        return None
    chosen = next((tongue for tongue in (language, fallback) if tongue in texts), min(texts))
    return Spoken(str(texts[chosen]), None if chosen == language else chosen)
