"""Whether two texts differ in spelling only: in doubt they do not."""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+(?:[.,:/][0-9]+)*", re.UNICODE)
# Below five letters one letter may turn the sense (not/now, nous/vous, peut/peu).
_SHORTEST: Final = 5
# One word in ten, one at least: more than that is a rewriting.
_SHARE: Final = 10


def same_but_for_spelling(before: str, after: str) -> bool:
    """Tell whether a reader of either text has read the other too.

    Spacing, punctuation and capitals are free. A word of five letters or more may gain,
    lose, change or swap one letter if it begins the same and holds no digit.
    """
    old, new = _words(before), _words(after)
    if len(old) != len(new):
        return False
    changed = [(one, other) for one, other in zip(old, new, strict=True) if one != other]
    if len(changed) > max(1, len(old) // _SHARE):
        return False
    return all(_slip(one, other) for one, other in changed)


def _words(text: str) -> list[str]:
    # A figure keeps its point: 1.5 is not 15.
    return [word.casefold() for word in _WORD.findall(text)]


def _slip(one: str, other: str) -> bool:
    if min(len(one), len(other)) < _SHORTEST or one[0] != other[0]:
        return False
    if any(letter.isdigit() for letter in one + other):
        return False
    return _one_letter_apart(one, other)


def _one_letter_apart(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    start = _same_start(short, long)
    if len(short) == len(long):
        swapped = short[start : start + 2] == long[start : start + 2][::-1]
        return short[start + 1 :] == long[start + 1 :] or (
            swapped and short[start + 2 :] == long[start + 2 :]
        )
    return len(long) - len(short) == 1 and short[start:] == long[start + 1 :]


def _same_start(one: str, other: str) -> int:
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
