"""Ids: random 63-bit numbers inside, opaque prefixed words outside.

Random, not counted: a number that grows would tell one organisation how much
another one writes (design.md §5, promise 8). What a process draws within some seconds
is drawn from one neighbourhood, itself drawn: rows that are written together then lie
together in every index, and a commit writes a third of the pages (decisions/0008).
"""

from __future__ import annotations

import os
import secrets
from array import array
from itertools import accumulate
from time import monotonic
from typing import Final

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
# The same digits as Python reads them.
_DIGITS: Final = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")
_LENGTH: Final = 13
# Two letters at a time: an answer may name three ids.
_PAIRS: Final = tuple(high + low for high in _ALPHABET for low in _ALPHABET)
# 63 bits: a neighbourhood, how long ago it was drawn, and what is drawn for each id.
_NEAR_BITS: Final = 50
_TIME_BITS: Final = 18
_OWN_BITS: Final = _NEAR_BITS - _TIME_BITS
_PLACES: Final = 1 << 63 - _NEAR_BITS
_STEPS: Final = 1 << _TIME_BITS
_GREATEST: Final = (1 << 63) - 1
_SECONDS: Final = 4.0
_NEXT_BITS: Final = 24
_NEXT_MASK: Final = (1 << _NEXT_BITS) - 1


class _Neighbourhood:
    """Where a process draws its ids now: upwards, in the order of time; later elsewhere."""

    __slots__ = ("_begun", "_last", "_start")

    def __init__(self) -> None:
        self.leave()

    def leave(self) -> None:
        """Draw the next id elsewhere."""
        self._begun, self._start, self._last = -_SECONDS, 0, 0

    def draw(self) -> int:
        """Draw an id; those drawn within a step of time follow each other at random."""
        now = monotonic()
        step = int((now - self._begun) / _SECONDS * _STEPS)
        if not 0 <= step < _STEPS:
            self._begun, step = now, 0
            self._start = secrets.randbelow(_PLACES) << _NEAR_BITS
            self._last = 0
        least = self._start | step << _OWN_BITS
        if self._last < least:
            drawn = least | secrets.randbits(_OWN_BITS)
        else:
            # In the same step, where two drawn apart would now and then be one.
            drawn = min(self._last + 1 + secrets.randbits(_NEXT_BITS), _GREATEST)
        self._last = drawn
        return drawn

    def draw_many(self, count: int) -> list[int]:
        """Draw ids that follow each other, as `draw` does within one step of time."""
        steps = [
            1 + (each & _NEXT_MASK)
            for each in array("I", os.urandom(array("I").itemsize * (count - 1)))
        ]
        # Between these two nobody else should draw; who does makes two alike very rarely.
        first = self.draw()
        self._last = min(first + sum(steps), _GREATEST)
        several = list(accumulate(steps, initial=first))
        if several[-1] > _GREATEST:
            return [self.draw() for _ in range(count)]
        return several


_here: Final = _Neighbourhood()
# Two processes must not tell by their ids that they were one.
os.register_at_fork(after_in_child=_here.leave)


def new_id() -> int:
    """Draw an id between 1 and 2^63 - 1."""
    return _here.draw() or 1


def new_ids(count: int) -> list[int]:
    """Draw several ids at once, each greater than the one before."""
    return _here.draw_many(count) if count else []


def public(prefix: str, number: int) -> str:
    """Write an id as the outside sees it: `public("dec", 5)` is `dec_0000000000005`."""
    return (
        f"{prefix}_{_ALPHABET[number >> 60 & 31]}"
        f"{_PAIRS[number >> 50 & 1023]}{_PAIRS[number >> 40 & 1023]}"
        f"{_PAIRS[number >> 30 & 1023]}{_PAIRS[number >> 20 & 1023]}"
        f"{_PAIRS[number >> 10 & 1023]}{_PAIRS[number & 1023]}"
    )


def parse(prefix: str, text: str) -> int | None:
    """Read an id written by `public`; None for anything else."""
    head, separator, letters = text.partition("_")
    # Nothing is left of letters that are all digits.
    if head != prefix or not separator or len(letters) != _LENGTH or letters.strip(_ALPHABET):
        return None
    number = int(letters.translate(_DIGITS), 32)
    return number if 0 < number < 1 << 63 else None


def random_name() -> str:
    """Draw an unguessable name: 128 random bits in 22 URL-safe letters."""
    return secrets.token_urlsafe(16)
