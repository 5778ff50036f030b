"""What an API key looks like: `cs_live_<8 id><43 secret><6 checksum>`.

The checksum lets junk be refused before any query, and lets scanners of source code
recognise a leaked key; the id finds the row; only a hash of the whole is kept.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import zlib
from dataclasses import dataclass
from typing import Final

LIVE: Final = "cs_live_"
TEST: Final = "cs_test_"

_ALPHABET: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_ID_LENGTH: Final = 8
_SECRET_LENGTH: Final = 43
_CHECKSUM_LENGTH: Final = 6
_FORM: Final = re.compile(
    rf"(cs_live_|cs_test_)([0-9A-Za-z]{{{_ID_LENGTH}}})"
    rf"[0-9A-Za-z]{{{_SECRET_LENGTH}}}([0-9A-Za-z]{{{_CHECKSUM_LENGTH}}})",
    re.ASCII,
)


@dataclass(frozen=True)
class GivenKey:
    """A well-formed key: the public id that finds it, and the hash that proves it."""

    key_id: str
    secret_hash: bytes


def mint(*, sandbox: bool, key_id: str | None = None) -> str:
    """Draw a new key: 256 random bits behind a random id, or behind one that exists."""
    name = _drawn(_ID_LENGTH) if key_id is None else key_id.removeprefix("key_")
    body = (TEST if sandbox else LIVE) + name + _drawn(_SECRET_LENGTH)
    return body + _checksum(body)


def _drawn(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def read(text: str) -> GivenKey | None:
    """Read a key without asking anyone; None when its form or its checksum is wrong."""
    found = _FORM.fullmatch(text)
    if found is None or _checksum(text[:-_CHECKSUM_LENGTH]) != found[3]:
        return None
    return take(text)


def take(text: str) -> GivenKey:
    """Take a text for a key without looking at its form."""
    start = len(LIVE)
    # 256 random bits cannot be guessed from a fast hash (ASVS 6.5.2 asks for 112).
    hashed = hashlib.sha256(text.encode()).digest()
    return GivenKey(f"key_{text[start : start + _ID_LENGTH]}", hashed)


def looks_like_key(text: str) -> bool:
    """Tell whether a text holds a key, so that one put in an address is noticed."""
    return LIVE in text or TEST in text


def found_in(text: str) -> list[str]:
    """Find the whole keys that a text holds, such as an address."""
    return [each[0] for each in _FORM.finditer(text) if read(each[0]) is not None]


def _checksum(body: str) -> str:
    number, letters = zlib.crc32(body.encode()), ""
    for _ in range(_CHECKSUM_LENGTH):
        number, rest = divmod(number, len(_ALPHABET))
        letters = _ALPHABET[rest] + letters
    return letters
