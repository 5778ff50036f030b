"""What a key may give: never more than it has, neither in scopes nor in rates. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

# The rates that a key may have for itself; the others count visitors, who have none.
RATES: Final = ("lookups", "writes")
RATE: Final = r"[1-9][0-9]{0,8}/(second|minute|hour)"
_SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600}


def more_than(scopes: Collection[str], own: Collection[str]) -> list[str]:
    """Name the scopes that are not among one's own."""
    return sorted(set(scopes) - set(own))


def inherited(wanted: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Give the rates of a key that another one makes: whatever is not said is as its own."""
    return {**own, **wanted}


def faster_than(wanted: Mapping[str, str], own: Mapping[str, str]) -> list[str]:
    """Name the rates that allow more than one's own, each second or at once."""
    return sorted(
        name
        for name, rate in wanted.items()
        if name in own and _exceeds(_read(rate), _read(own[name]))
    )


def _exceeds(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] > other[0] or one[0] * other[1] > other[0] * one[1]


def _read(rate: str) -> tuple[int, int]:
    if not re.fullmatch(RATE, rate, re.ASCII):
        raise ValueError(f"{rate!r} is no rate: write it as 600/minute")
    count, _, unit = rate.partition("/")
    return int(count), _SECONDS[unit]
