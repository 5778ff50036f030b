"""The figures of the law that an organisation may tighten and never loosens: dated, cited.

The rules that use them are in `permissions/packs`; they stand here so that an organisation
file that would loosen one is refused when it is applied. Marks of sources as in the packs:
P the text itself was read, 2 somebody who quotes it, U not read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from .vocabulary import CALLS, Channel, Weekday

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORKING: Final = frozenset(
    {
        Weekday.MONDAY,
        Weekday.TUESDAY,
        Weekday.WEDNESDAY,
        Weekday.THURSDAY,
        Weekday.FRIDAY,
    }
)
EVERY_DAY: Final = frozenset(Weekday)
# The longest day there is, in minutes.
MIDNIGHT: Final = 24 * 60
# Open from one minute of the day until another.
Span = tuple[int, int]


# A leap year would have a day more than the 365 of PRO-3.
ONE_YEAR: Final = ("P1Y", "P365D")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """When and how often a channel may be used; what is not bounded is free."""

    days: frozenset[Weekday] = EVERY_DAY
    hours: tuple[Span, ...] = ((0, MIDNIGHT),)
    # Not on the public holidays of the country where the phone rings.
    holidays: bool = False
    attempts: int | None = None
    within: str | None = None
    pause_after_refusal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One country's figures, from a day on."""

    since: date
    age_of_consent: int
    # The longest a consent to calls may hold: the shortest of these.
    phone_consent: tuple[str, ...] = ()
    bounds: Mapping[str, Bounds] = field(default_factory=dict)
    # Whoever collects a telephone number says that sales calls need consent beforehand.
    calls_told: bool = False


# C. conso D.223-9 (décret 2022-1313) since 1 March 2023 [P]: Monday to Friday but for the
# holidays of C. trav. L.3133-1, 10 to 13 and 14 to 20 o'clock of the consumer's time zone;
# four attempts in thirty calendar days by one trader; sixty days after a refusal.
# Whether décret 2026-662 changed them was not read [U]: kept as they were.
_CALLS: Final = Bounds(
    days=_WORKING,
    hours=((10 * 60, 13 * 60), (14 * 60, 20 * 60)),
    holidays=True,
    attempts=4,
    within="P30D",
    pause_after_refusal="P60D",
)
_FRENCH_CALLS: Final = dict.fromkeys(map(str, sorted(CALLS)), _CALLS)
_FRENCH_AGE: Final = 15  # loi I&L art. 45 [U]
FRANCE: Final = (
    Figures(since=date(1, 1, 1), age_of_consent=_FRENCH_AGE),
    Figures(since=date(2023, 3, 1), age_of_consent=_FRENCH_AGE, bounds=_FRENCH_CALLS),
    # C. conso L.223-1 (loi 2025-594 art. 13) [P]; one year: R.223-1 (décret 2026-662) [2].
    Figures(
        since=date(2026, 8, 11),
        age_of_consent=_FRENCH_AGE,
        phone_consent=ONE_YEAR,
        bounds=_FRENCH_CALLS,
        calls_told=True,  # C. conso L.223-2 [P]
    ),
)
# Where French law applies to calls and messages; each with a time zone of its own.
FRENCH: Final = frozenset(
    {"FR", "GP", "MQ", "GF", "RE", "YT", "BL", "MF", "PM", "WF", "PF", "NC"}
)
# Countries whose law lets a message go until the person objects: CAN-SPAM, 15 U.S.C. 7704
# [U]. Calls and texts need a yes there too, or a list that we do not hold.
OPT_OUT: Final = frozenset({"US"})
# GDPR art. 8(1): sixteen, or what national law lowers it to, thirteen at least. From the
# Commission's SWD(2020) 115 [2]; who is not named has sixteen. Denmark: fifteen since 2024 [U].
AGE_OF_CONSENT: Final[Mapping[str, int]] = {
    **dict.fromkeys(("BE", "EE", "FI", "LV", "MT", "PT", "SE"), 13),
    **dict.fromkeys(("AT", "BG", "CY", "LT", "IT", "ES"), 14),
    **dict.fromkeys(("CZ", "DK", "GR"), 15),
}
_OLDEST: Final = 16


def general(country: str) -> tuple[Figures, ...]:
    """Give the figures of a country without a pack of its own: the stricter ones."""
    age = AGE_OF_CONSENT.get(country, _OLDEST)
    # A consent to calls that never ends is nobody's law; the French year serves.
    return (Figures(since=date(1, 1, 1), age_of_consent=age, phone_consent=ONE_YEAR),)


def figures_of(country: str) -> tuple[Figures, ...]:
    """Give a country's figures, oldest first."""
    return FRANCE if country in FRENCH else general(country)


def bounds_on(country: str, channel: Channel) -> Bounds:
    """Give what a country's law now says about a channel."""
    return figures_of(country)[-1].bounds.get(channel, Bounds())


def calls_are_told(country: str) -> bool:
    """Tell whether a country's law has whoever collects a number speak of calls."""
    return figures_of(country)[-1].calls_told


def minute(text: str) -> int:
    """Count the minutes from midnight to a time of the day."""
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def bounds_of(limit: Mapping[str, Any]) -> Bounds:
    """Read what an organisation's file says of a channel, as plain JSON."""
    hours = sorted(
        (minute(each["opens"]), minute(each["closes"])) for each in limit.get("hours") or ()
    )
    attempts = limit.get("attempts")
    return Bounds(
        days=frozenset(map(Weekday, limit.get("days") or Weekday)),
        hours=tuple(hours) or ((0, MIDNIGHT),),
        attempts=None if attempts is None else int(attempts),
        within=limit.get("within"),
        pause_after_refusal=limit.get("pause_after_refusal"),
    )
