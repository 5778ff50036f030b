"""Asking: whom the lines of a lot name, by the digests that briefs are found by.

All of it is worked out before the database is asked, and needs nothing of it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from ...subjects import NotAnIdentifier, identify
from ...subjects.identifiers import CROSSED, common_email, read_sha256
from .briefs.make import BY_NAME, BY_SHA256
from .briefs.mark import KINDS, digest_of, marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...keyring import OrganisationKeys
    from .rows import Lot

_SHA256: str = "sha256_"
_EMAIL = "email"


class Asking(NamedTuple):
    """Those of a lot who are asked about by one kind of identifier."""

    kind: str
    # In the lot, in their order.
    places: Sequence[int]
    # The numbers of their briefs, and what each must begin with; of a visitor none.
    keys: list[int]
    rests: list[str]
    # The numbers once more: each once, in their order.
    several: list[int]

    @property
    def asks(self) -> int:
        """Tell by what they ask, as briefs have it."""
        return BY_SHA256 if self.kind == CROSSED else BY_NAME


def asking(keys: OrganisationKeys, lot: Lot, region: str) -> list[Asking]:
    """Read whom a lot names; whoever is left out cannot be read."""
    if not lot.odd:
        return [_marked(keys, _kind_of(lot.kind), range(len(lot.names)), _digests(lot))]
    found: dict[str, dict[int, bytes]] = {}
    plain = [at for at, name in enumerate(lot.names) if name]
    if plain:
        several = _digests(lot._replace(names=[name for name in lot.names if name]))
        found[_kind_of(lot.kind)] = {
            at: several[32 * number : 32 * number + 32] for number, at in enumerate(plain)
        }
    for at, row in lot.odd.items():
        if row.text is None:
            continue
        try:
            digest = _read(row.kind, row.text, region)
        except NotAnIdentifier:
            continue
        found.setdefault(_kind_of(row.kind), {})[at] = digest
    return [
        _marked(keys, kind, sorted(several), b"".join([several[at] for at in sorted(several)]))
        for kind, several in found.items()
    ]


def _marked(keys: OrganisationKeys, kind: str, places: Sequence[int], digests: bytes) -> Asking:
    if kind != CROSSED and kind not in KINDS:
        return Asking(kind, places, [], [], [])
    found = marks(keys, digests)
    return Asking(kind, places, *found, sorted(set(found.keys)))


def _kind_of(kind: str) -> str:
    return CROSSED if kind.startswith(_SHA256) else kind


def _digests(lot: Lot) -> bytes:
    """Give the digests of plain names, one after the other."""
    if lot.kind == _EMAIL:
        sha256 = hashlib.sha256
        return b"".join([sha256(name).digest() for name in lot.names])
    return bytes.fromhex(b"".join(lot.names).decode())


def _read(kind: str, text: str, region: str) -> bytes:
    if kind.startswith(_SHA256):
        return bytes.fromhex(read_sha256(text))
    match = common_email(text) if kind == _EMAIL else None
    if match is None:
        match = identify(kind, text, region=region).match  # type: ignore[arg-type] # by KINDS
    return digest_of(kind, match)
