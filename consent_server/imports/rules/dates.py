"""When something was said: the forms of time a file may hold, and what would be right."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ...clock import NotATime, parse_rfc3339

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PLAIN: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)"
    r"(?: ?(UTC|Z|[+-]\d{2}:?\d{2}))?",
    re.ASCII,
)
# The first place on Earth where a day begins: whatever the writer's clock said, it was no
# earlier. A yes must not count from later than it was given.
_EARLIEST: Final = timedelta(hours=14)
RIGHT: Final = "write 2026-11-22T10:41:00Z, or the day alone: 2026-11-22"
NO_ZONE: Final = "say the zone: 2026-11-22T10:41:00Z, or give zone=Europe/Paris for the file"


@lru_cache(maxsize=8)
def read_zone(name: str) -> ZoneInfo:
    """Find a time zone by its name; raises `NotATime`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise NotATime("a zone is written like Europe/Paris or UTC") from None


@lru_cache(maxsize=65536)
def read_moment(text: str, zone: str | None) -> datetime:
    """Read a moment, in doubt the earliest it can be; raises `NotATime`.

    A form that can be read in two ways (03/04/2026) is never guessed.
    """
    text = text.strip()
    if _DAY.fullmatch(text):
        return _day(text, zone)
    found = _PLAIN.fullmatch(text)
    if found is None:
        raise NotATime(RIGHT)
    day, time, offset = found.groups()
    if offset is None and zone is None:
        raise NotATime(NO_ZONE)
    clock = time if len(time) > 5 else f"{time}:00"
    if offset is None:
        return _in_zone(f"{day}T{clock}", str(zone))
    return parse_rfc3339(f"{day}T{clock}{_offset(offset)}")


def _offset(text: str) -> str:
    if text in {"UTC", "Z"}:
        return "Z"
    return text if ":" in text else f"{text[:3]}:{text[3:]}"


def _day(text: str, zone: str | None) -> datetime:
    if zone is not None:
        return _in_zone(f"{text}T00:00:00", zone)
    return parse_rfc3339(f"{text}T00:00:00Z") - _EARLIEST


def _in_zone(text: str, zone: str) -> datetime:
    try:
        # Of the hour that comes twice in autumn, the first (`fold` 0).
        return datetime.fromisoformat(text).replace(tzinfo=read_zone(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise NotATime("there is no such moment") from None
