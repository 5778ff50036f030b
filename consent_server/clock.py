"""The time: read here and nowhere else, always aware, always UTC."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import MAXYEAR, UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

Clock = Callable[[], datetime]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)
_MICRO: Final = timedelta(microseconds=1)
_RFC3339: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


class NotATime(ValueError):
    """The text is not an RFC 3339 instant."""


def system_clock() -> datetime:
    """Tell the time now."""
    return datetime.now(UTC)


def to_micros(moment: datetime) -> int:
    """Count microseconds since 1970 in UTC; refuses a time without a zone."""
    if moment.tzinfo is None:
        raise NotATime("a time needs a zone")
    return (moment - _EPOCH) // _MICRO


def from_micros(micros: int) -> datetime:
    """Give back the instant that `to_micros` counted."""
    return _EPOCH + timedelta(microseconds=micros)


def rfc3339(moment: datetime) -> str:
    """Write an instant as `2026-11-22T10:41:00.123456Z`, always six digits, always Z."""
    # Not strftime: it writes the year 1 as `1`, which is no RFC 3339 time.
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return f"{in_utc.isoformat(timespec='microseconds')[:-6]}Z"


def rfc3339_micros(micros: int) -> str:
    """Write stored microseconds as RFC 3339."""
    seconds, rest = divmod(micros, 1_000_000)
    return f"{_to_the_second(seconds)}.{rest:06d}Z"


@lru_cache(maxsize=64)
def _to_the_second(seconds: int) -> str:
    # What is written now lies within the same few seconds, thousands of times; what others have
    # dated, and what a long list writes, within some years.
    day, second = divmod(seconds, 86_400)
    minute, second = divmod(second, 60)
    return f"{_day(day)}T{minute // 60:02d}:{minute % 60:02d}:{second:02d}"


@lru_cache(maxsize=4096)
def _day(day: int) -> str:
    return (_EPOCH + timedelta(days=day)).date().isoformat()


def parse_rfc3339(text: str) -> datetime:
    """Read an RFC 3339 instant; raises `NotATime` for anything else."""
    if not _RFC3339.fullmatch(text):
        raise NotATime("write the time as 2026-11-22T10:41:00Z")
    trimmed = re.sub(r"(\.\d{6})\d+", r"\1", text.upper().replace("Z", "+00:00"))
    try:
        return datetime.fromisoformat(trimmed).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise NotATime("there is no such moment") from error


class NotAPeriod(ValueError):
    """The text is not an ISO 8601 duration of calendar parts."""


_PERIOD: Final = re.compile(
    r"P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?)?",
    re.ASCII,
)


@lru_cache(maxsize=256)
def read_period(text: str) -> tuple[int, timedelta]:
    """Read `P6M`, `P1Y`, `P13M`, `PT30M` … as months and the rest; raises `NotAPeriod`."""
    found = _PERIOD.fullmatch(text)
    if not found or len(text) > 24:
        raise NotAPeriod("write the period as P6M, P1Y or P30D")
    years, months, weeks, days, hours, minutes = (int(part or 0) for part in found.groups())
    rest = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)
    return years * 12 + months, rest


def add_period(moment: datetime, text: str) -> datetime:
    """Go forward by a period: the same day of the month, or its last where it lacks.

    What lies beyond the last moment a calendar can name ends at that moment.
    """
    months, rest = read_period(text)
    years, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if years > MAXYEAR:
        return _LAST
    day = min(moment.day, monthrange(years, month + 1)[1])
    try:
        return moment.replace(year=years, month=month + 1, day=day) + rest
    except OverflowError:
        return _LAST
