"""Marks: under which numbers a brief is found, by an address as by the SHA-256 of it. Pure.

Both are asked for by the same digest, masked by the organisation's key: the SHA-256 of an
address is what other tools send, and what the address itself is hashed to.
"""

from __future__ import annotations

import hashlib
import sys
from array import array
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from ....subjects.identifiers import Identified, NotAnIdentifier, common_email, identify
from ..columns import np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....keyring import OrganisationKeys
    from ..columns import Ints

# Of these kinds; a visitor is asked about as she comes, not by the list.
KINDS: Final = frozenset({"email", "phone", "external_id"})
_CROSSED: Final = frozenset({"email", "phone"})
_DIGEST_BYTES: Final = 32
_WORDS: Final = _DIGEST_BYTES // 8
# Letters of a digest's masked form in hexadecimal, and those that a brief is verified by.
_LETTERS: Final = 2 * _DIGEST_BYTES
REST: Final = 8
_REST_FROM: Final = 16
_GMAIL: Final = ("@gmail.com", "@googlemail.com")


class Marks(NamedTuple):
    """Of each digest the number its brief is found by, and what the brief must begin with."""

    keys: list[int]
    rests: list[str]


def marks(keys: OrganisationKeys, digests: bytes) -> Marks:
    """Give the marks of digests that stand one after the other."""
    masked = keys.mask(digests)
    numbers = array("q", masked)
    if sys.byteorder == "big":
        numbers.byteswap()
    text = masked.hex()
    rests = [text[at : at + REST] for at in range(_REST_FROM, len(text), _LETTERS)]
    return Marks(numbers[::_WORDS].tolist(), rests)


def marks_in_columns(keys: OrganisationKeys, digests: bytes) -> tuple[Ints, Ints]:
    """Give the marks of thousands of digests: rests as the numbers that their letters are."""
    masked = keys.mask(digests)
    numbers = np.frombuffer(masked, "<i8")[::_WORDS]
    # Two letters a byte.
    rests = np.frombuffer(masked, f"V{REST // 2}")[_REST_FROM // REST :: _LETTERS // REST]
    return numbers, np.frombuffer(rests.tobytes().hex().encode(), np.int64)


def name_of(keys: OrganisationKeys, digest: bytes, version: int) -> bytes:
    """Give the eight bytes by which those asked about are remembered (asked.py)."""
    return keys.mask(digest, version)[7::-1]


def digest_of(kind: str, match: str) -> bytes:
    """Hash an identifier: where others exchange its SHA-256, as they do."""
    text = match if kind in _CROSSED else f"{kind}|{match}"
    return hashlib.sha256(text.encode()).digest()


def digests_of(kind: str, display: str) -> Sequence[bytes]:
    """Give every digest that an identifier is known by, its own first."""
    if kind == "email":
        common = common_email(display)
        if common is not None and not common.endswith(_GMAIL):
            return (hashlib.sha256(common.encode()).digest(),)
    return known_by(_given(kind, display))


def _given(kind: str, display: str) -> Identified:
    # All others are kept as they are matched.
    if kind == "email":
        with suppress(NotAnIdentifier):
            return identify("email", display, region="")
    return Identified(kind, display, display)  # type: ignore[arg-type] # as it is kept


def known_by(given: Identified) -> Sequence[bytes]:
    """Give every digest that an identifier is known by, its own first."""
    own = digest_of(given.kind, given.match)
    others = (bytes.fromhex(each) for each in given.crossed)
    return (own, *(each for each in others if each != own))
