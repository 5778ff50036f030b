"""Time zones and holidays of where a phone rings. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from babel.core import get_global

from ...clock import to_micros

_UTC: Final = ZoneInfo("UTC")
# Written down although the library knows them: its table of every zone is read only for
# whoever is asked about another country.
_FRENCH: Final = {
    "FR": ("Europe/Paris",),
    "GP": ("America/Guadeloupe",),
    "MQ": ("America/Martinique",),
    "GF": ("America/Cayenne",),
    "RE": ("Indian/Reunion",),
    "YT": ("Indian/Mayotte",),
    "BL": ("America/St_Barthelemy",),
    "MF": ("America/Marigot",),
    "PM": ("America/Miquelon",),
    "WF": ("Pacific/Wallis",),
    "PF": ("Pacific/Gambier", "Pacific/Marquesas", "Pacific/Tahiti"),
    "NC": ("Pacific/Noumea",),
}
# C. trav. L.3133-1: month and day; the three that follow Easter, as days after it.
_FIXED: Final = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
_AFTER_EASTER: Final = (1, 39, 50)


@cache
def zones_of(country: str) -> tuple[ZoneInfo, ...]:
    """Give a country's time zones, all of them; UTC for one that has none we know."""
    names = _FRENCH.get(country) or _others(country)
    return tuple(ZoneInfo(name) for name in names) or (_UTC,)


def _others(country: str) -> tuple[str, ...]:
    every = get_global("zone_territories").items()
    return tuple(sorted(name for name, place in every if place == country))


def midnight_in(country: str, day: date) -> int:
    """Give the moment at which a day begins in a country; microseconds."""
    return to_micros(datetime.combine(day, time(), tzinfo=zones_of(country)[0]))


@lru_cache(maxsize=64)
def holidays(year: int) -> frozenset[date]:
    """Give the French public holidays of a year (C. trav. L.3133-1)."""
    easter = _easter(year)
    moving = (easter + timedelta(days=after) for after in _AFTER_EASTER)
    return frozenset({date(year, month, day) for month, day in _FIXED}.union(moving))


def _easter(year: int) -> date:
    # The Gregorian computus in the form of Meeus, Jones and Butcher.
    golden, century, rest = year % 19, year // 100, year % 100
    leap, skipped = divmod(century, 4)
    moon = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap - moon + 15) % 30
    quarter, years = divmod(rest, 4)
    sunday = (32 + 2 * skipped + 2 * quarter - epact - years) % 7
    late = (golden + 11 * epact + 22 * sunday) // 451
    month, day = divmod(epact + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)
