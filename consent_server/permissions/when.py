"""When: call hours and frequency, as the next moment at which a channel may be used. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from ..clock import add_period, from_micros, read_period, to_micros
from ..organisations.document.law import EVERY_DAY, MIDNIGHT, Bounds
from ..organisations.document.vocabulary import CALLS, Weekday
from ..subjects.rules import MARKETING, covers
from .packs.zones import holidays, zones_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from ..notices.values import Purpose
    from .values import Attempt, Cap, Pause

_WEEK: Final = tuple(Weekday)
# Whoever may be called on no day of a year may never be called.
_HORIZON_DAYS: Final = 370
_WHOLE_DAY: Final = ((0, MIDNIGHT),)
_DAY: Final = timedelta(days=1)


def next_moment(
    bounds: Sequence[Bounds],
    attempts: Iterable[Attempt],
    channel: str,
    *,
    country: str,
    now: int,
) -> int | None:
    """Give the first moment from now on that every bound allows; None if there is none.

    In each time zone that the country has: where somebody is, is not known better.
    """
    made = sorted((each for each in attempts if _same(each, channel)), key=lambda one: -one.at)
    rested = _all_rested(bounds, made, zones_of(country))
    return None if rested is None else _open(tuple(bounds), country, max(now, rested))


def chosen_moment(
    pauses: Iterable[Pause],
    caps: Iterable[Cap],
    attempts: Iterable[Attempt],
    purpose: Purpose,
    *,
    country: str,
    now: int,
) -> int:
    """Give the first moment from now on that the person's own pauses and caps allow."""
    moments = [now, *(each.until for each in pauses if covers(each.scope, purpose))]
    made = sorted(attempts, key=lambda one: -one.at)
    for cap in caps:
        if covers(cap.scope, purpose):
            counted = [each for each in made if _counts(each, cap, purpose)]
            if len(counted) >= cap.most:
                last = counted[cap.most - 1].at
                zones = zones_of(country)
                moments += [_after(last, cap.within, zone, 0) for zone in zones]
    return max(moments)


def _counts(attempt: Attempt, cap: Cap, purpose: Purpose) -> bool:
    # One that does not say what it was for may have been for this.
    if cap.scope == MARKETING or attempt.purpose is not None:
        return cap.scope == MARKETING or attempt.purpose == purpose.id
    return _same(attempt, purpose.channel)


def _all_rested(
    bounds: Sequence[Bounds], made: Sequence[Attempt], zones: Sequence[ZoneInfo]
) -> int | None:
    if not made:
        return None if any(bound.attempts == 0 for bound in bounds) else 0
    moments = [_rested(bound, made, zone) for bound in bounds for zone in zones]
    return None if None in moments else max(each or 0 for each in [0, *moments])


def _same(attempt: Attempt, channel: str) -> bool:
    # A phone that rings has rung, whoever speaks.
    both = channel in CALLS and attempt.channel in CALLS
    return both or attempt.channel == channel


def _rested(bound: Bounds, made: Sequence[Attempt], zone: ZoneInfo) -> int | None:
    moments = [0]
    if bound.attempts is not None and bound.within is not None:
        if bound.attempts == 0:
            return None
        if len(made) >= bound.attempts:
            # Calendar days: the day of the attempt is the first of the period.
            moments.append(_after(made[bound.attempts - 1].at, bound.within, zone, 0))
    if bound.pause_after_refusal is not None:
        refused = [each.at for each in made if each.refused]
        if refused:
            # The day of the refusal does not count.
            moments.append(_after(refused[0], bound.pause_after_refusal, zone, 1))
    return max(moments)


def _after(at: int, period: str, zone: ZoneInfo, more: int) -> int:
    local = from_micros(at).astimezone(zone)
    if read_period(period)[1] % _DAY:
        return to_micros(add_period(local, period))
    midnight = datetime.combine(local.date() + more * _DAY, time(), tzinfo=zone)
    return to_micros(add_period(midnight, period))


# A list is answered at one moment: most of its numbers ring in the same place.
@lru_cache(maxsize=256)
def _open(bounds: tuple[Bounds, ...], country: str, moment: int) -> int | None:
    # Each moves the moment on to where it is open itself, until none has to.
    zones = zones_of(country)
    last = moment + _HORIZON_DAYS * 86_400_000_000
    while moment < last:
        found = moment
        for bound in bounds:
            for zone in zones:
                opens = _opens(bound, zone, found)
                if opens is None:
                    return None
                found = opens
        if found == moment:
            return moment
        moment = found
    return None


def _opens(bound: Bounds, zone: ZoneInfo, moment: int) -> int | None:
    if bound.days == EVERY_DAY and bound.hours == _WHOLE_DAY and not bound.holidays:
        return moment
    day = from_micros(moment).astimezone(zone).date()
    for _ in range(_HORIZON_DAYS):
        closed = bound.holidays and day in holidays(day.year)
        if _WEEK[day.weekday()] in bound.days and not closed:
            for opens, closes in bound.hours:
                if moment < _at(day, closes, zone):
                    return max(moment, _at(day, opens, zone))
        day += _DAY
    return None


def _at(day: date, minutes: int, zone: ZoneInfo) -> int:
    days, rest = divmod(minutes, MIDNIGHT)
    clock = time(rest // 60, rest % 60)
    return to_micros(datetime.combine(day + days * _DAY, clock, tzinfo=zone))
