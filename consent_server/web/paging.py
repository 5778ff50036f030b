"""Pages of a long list: an opaque signed cursor that stays right while rows are added."""

from __future__ import annotations

import hashlib
from typing import Final

from itsdangerous import BadSignature, URLSafeSerializer

from ..problems import Problem
from .current import keyring

MOST: Final = 200


def write_cursor(listing: str, *place: int | str) -> str:
    """Write where the next page begins, for this list only."""
    return _serializer(listing).dumps(place)


def read_cursor(listing: str, text: str) -> tuple[int | str, ...]:
    """Read a cursor of ours; raises a `Problem` for anything else."""
    try:
        place = _serializer(listing).loads(text)
    except BadSignature:
        raise Problem.at("/after", "send back the cursor as it was given") from None
    return tuple(place)


def _serializer(listing: str) -> URLSafeSerializer:
    # SHA-256 and a salt for each use: the library's own defaults are SHA-1 and one salt
    # for all (security.md §1, fact 8).
    return URLSafeSerializer(
        list(keyring().token_keys),
        salt=f"page/{listing}",
        signer_kwargs={"digest_method": hashlib.sha256},
    )
