"""Ids: random 63-bit numbers inside, opaque prefixed words outside.

Random, not counted: a number that grows would tell one organisation how much
another one writes (design.md §5, promise 8).
"""

from __future__ import annotations

import secrets
from typing import Final

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES: Final = {letter: value for value, letter in enumerate(_ALPHABET)}
_LENGTH: Final = 13
# Two letters at a time: an answer may name three ids.
_PAIRS: Final = tuple(high + low for high in _ALPHABET for low in _ALPHABET)


def new_id() -> int:
    """Draw an id between 1 and 2^63 - 1."""
    return secrets.randbits(63) or 1


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
    if head != prefix or not separator or len(letters) != _LENGTH:
        return None
    number = 0
    for letter in letters:
        value = _VALUES.get(letter)
        if value is None:
            return None
        number = number << 5 | value
    return number if 0 < number < 1 << 63 else None


def random_name() -> str:
    """Draw an unguessable name: 128 random bits in 22 URL-safe letters."""
    return secrets.token_urlsafe(16)
