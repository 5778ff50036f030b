"""ISO 8601 durations: reading them and telling whether one is longer than another."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FORM = re.compile(
    r"P(?=[0-9T])(?:(?P<years>\d{1,4})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<weeks>\d{1,4})W)?"
    r"(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,5})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,8})S)?)?",
    re.ASCII,
)
_DAY = 86_400
# A mean Gregorian month: P12M equals P1Y, P395D fits in P13M and P396D does not.
_MONTH = 146_097 * _DAY // 4_800


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration in the calendar's own units: months and days have no fixed ratio."""

    months: int = 0
    days: int = 0
    seconds: int = 0

    @property
    def mean_seconds(self) -> int:
        """Its length when a month is a mean Gregorian month; for comparing, not for dating."""
        return self.months * _MONTH + self.days * _DAY + self.seconds


def duration(text: str) -> Duration:
    """Read an ISO 8601 duration such as P6M, P3Y or PT30M."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not an ISO 8601 duration")
    part = {name: int(value or 0) for name, value in found.groupdict().items()}
    return Duration(
        months=part["years"] * 12 + part["months"],
        days=part["weeks"] * 7 + part["days"],
        seconds=part["hours"] * 3_600 + part["minutes"] * 60 + part["seconds"],
    )


def longer(one: str, other: str) -> bool:
    """Tell whether the first duration is longer than the second."""
    return duration(one).mean_seconds > duration(other).mean_seconds
