"""Durations and countries in words, in every language that the banner speaks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from babel import Locale, UnknownLocaleError
from babel.units import format_unit

from ..organisations.document import duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Unicode's data (CLDR), which Babel reads, have no or not all units for these two.
# Forms by plural category; `{}` is the figure.
_OWN: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = {
    "ga": {
        "year": {"one": "{} bhliain", "two": "{} bhliain", "few": "{} bliana",
                 "many": "{} mbliana", "other": "{} bliain"},
        "month": {"one": "{} mhí", "two": "{} mhí", "few": "{} mhí", "other": "{} mí"},
        "day": {"other": "{} lá"},
        "hour": {"few": "{} huaire", "many": "{} n-uaire", "other": "{} uair"},
        "minute": {"other": "{} nóiméad"},
        "second": {"two": "{} shoicind", "few": "{} shoicind", "other": "{} soicind"},
    },
    "mt": {
        "year": {"two": "sentejn", "few": "{} snin", "other": "{} sena"},
        "month": {"two": "xahrejn", "few": "{} xhur", "other": "{} xahar"},
        "day": {"two": "jumejn", "few": "{} ijiem", "other": "{} jum"},
        "hour": {"two": "sagħtejn", "few": "{} sigħat", "other": "{} siegħa"},
        "minute": {"two": "{} minuti", "few": "{} minuti", "other": "{} minuta"},
        "second": {"two": "{} sekondi", "few": "{} sekondi", "other": "{} sekonda"},
    },
}  # fmt: skip
# What every browser's own Intl can say by itself: one unit, in a language it knows.
_ONE_UNIT: Final = re.compile(r"P\d{1,5}[YMWD]|PT\d{1,5}[HMS]")
# Chromium is built without these languages: its Intl would answer in the browser's own.
_BROWSERS_LACK: Final = frozenset({"ga", "is", "mt"})


def locale_of(language: str) -> Locale:
    """Give Babel's locale, English where it has none; it writes Norwegian as nb, we as no."""
    try:
        return Locale.parse({"no": "nb"}.get(language, language))
    except UnknownLocaleError:
        return Locale.parse("en")


def period_said(text: str, language: str) -> str:
    """Say an ISO 8601 duration: `P6M` is 6 months."""
    given = duration(text)
    years, months = divmod(given.months, 12)
    if years and months:
        years, months = 0, given.months
    parts = [("year", years), ("month", months), ("day", given.days), *_clock(given.seconds)]
    return " ".join(_unit(name, count, language) for name, count in parts if count)


def country_said(code: str | None, language: str) -> str:
    """Name a country by its ISO 3166 code; any other text stays as it is."""
    return str(locale_of(language).territories.get(code or "", code or ""))


def beyond_the_browser(
    lifetimes: Sequence[str], countries: Sequence[str], language: str
) -> dict[str, str]:
    """Say what a browser's own Intl cannot: words named `lifetime_…` and `country_…`."""
    lacks = language in _BROWSERS_LACK
    said = {
        f"lifetime_{text}": period_said(text, language)
        for text in lifetimes
        if text != "session" and (lacks or not _ONE_UNIT.fullmatch(text))
    }
    return {
        **said,
        **{f"country_{code}": country_said(code, language) for code in countries if lacks},
    }


def _unit(name: str, count: int, language: str) -> str:
    locale, own = locale_of(language), _OWN.get(language)
    if own is None:
        unit = f"duration-{name}"
        said = format_unit(count, unit, locale=locale)
        # Where the long form is the short one, Unicode's data hold it once, and Babel, not
        # finding it, gives the unit's own name.
        return format_unit(count, unit, "short", locale=locale) if unit in said else said
    forms = own[name]
    return forms.get(locale.plural_form(count), forms["other"]).format(count)


def _clock(seconds: int) -> Sequence[tuple[str, int]]:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return (("hour", hours), ("minute", minutes), ("second", rest))
