"""Asking: whom the lines of a lot name, by the digests that briefs are found by.

All of it is worked out before the database is asked, and needs nothing of it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from ...subjects import NotAnIdentifier, identify
from ...subjects.identifiers import CROSSED, common_email, read_sha256
from .briefs.make import BY_NAME, BY_SHA256
from .briefs.mark import KINDS, digest_of, marks_in_columns
from .columns import np
from .rows import DIGEST

if TYPE_CHECKING:
    from ...keyring import OrganisationKeys
    from .columns import Ints
    from .rows import Lot

_SHA256: str = "sha256_"
_EMAIL = "email"


class Asking(NamedTuple):
    """Those of a lot who are asked about by one kind of identifier."""

    kind: str
    # In the lot.
    places: Ints
    # The numbers of their briefs, each once, in their order; of visitors none.
    several: Ints
    # Which of these is each one's, and what her brief must begin with.
    which: Ints
    rests: Ints

    @property
    def asks(self) -> int:
        """Tell by what they ask, as briefs have it."""
        return BY_SHA256 if self.kind == CROSSED else BY_NAME


def asking(keys: OrganisationKeys, lot: Lot, region: str) -> list[Asking]:
    """Read whom a lot names; whoever is left out cannot be read."""
    found, named = _odd(lot, region), []
    if len(lot.odd) < lot.size:
        kind = _kind_of(lot.kind)
        plain = np.delete(np.arange(lot.size), list(lot.odd))
        others, digests = found.pop(kind, ([], []))
        places = np.append(plain, np.array(others, np.int64))
        named = [_marked(keys, kind, places, b"".join([_digests(lot), *digests]))]
    return named + [
        _marked(keys, kind, np.array(others), b"".join(digests))
        for kind, (others, digests) in found.items()
    ]


def _odd(lot: Lot, region: str) -> dict[str, tuple[list[int], list[bytes]]]:
    found: dict[str, tuple[list[int], list[bytes]]] = {}
    for at, row in lot.odd.items():
        if row.text is None:
            continue
        try:
            digest = _read(row.kind, row.text, region)
        except NotAnIdentifier:
            continue
        places, digests = found.setdefault(_kind_of(row.kind), ([], []))
        places.append(at)
        digests.append(digest)
    return found


def _marked(keys: OrganisationKeys, kind: str, places: Ints, digests: bytes) -> Asking:
    none = np.empty(0, np.int64)
    if kind != CROSSED and kind not in KINDS:
        return Asking(kind, places, none, none, none)
    numbers, rests = marks_in_columns(keys, digests)
    order = np.argsort(numbers)
    ordered = numbers[order]
    first = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    which = np.empty_like(order)
    which[order] = np.cumsum(first) - 1
    return Asking(kind, places, ordered[first], which, rests)


def _kind_of(kind: str) -> str:
    return CROSSED if kind.startswith(_SHA256) else kind


def _digests(lot: Lot) -> bytes:
    """Give the digests of plain lines, one after the other."""
    if lot.digests:
        told = np.frombuffer(lot.digests, f"V{DIGEST}")
        return np.delete(told, list(lot.odd)).tobytes() if lot.odd else lot.digests
    sha256 = hashlib.sha256
    return b"".join([sha256(name).digest() for name in lot.names if name])


def _read(kind: str, text: str, region: str) -> bytes:
    if kind.startswith(_SHA256):
        return bytes.fromhex(read_sha256(text))
    match = common_email(text) if kind == _EMAIL else None
    if match is None:
        match = identify(kind, text, region=region).match  # type: ignore[arg-type] # by KINDS
    return digest_of(kind, match)
