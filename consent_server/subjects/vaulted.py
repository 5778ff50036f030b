"""Vaulted: addresses that are nobody's any more, and whose proofs are kept until a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..db import Insert, Sql
from .identifiers import CROSSED
from .models import VaultedHash

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from .identifiers import Identified

_REMEMBER: Final = Insert(
    VaultedHash.__table__,
    or_else="ON CONFLICT (organisation_id, hash) DO UPDATE SET ends_at = excluded.ends_at"
    " WHERE vaulted_hash.ends_at < excluded.ends_at",
)
_FORGET: Final = Sql(
    "DELETE FROM vaulted_hash WHERE organisation_id = :organisation AND ends_at <= :now"
)


def remember(
    tx: Transaction, keys: OrganisationKeys, until: Iterable[tuple[Identified, int]]
) -> None:
    """Let a question find that whoever had an address was erased, until the vault's day."""
    # Two addresses may have one SHA-256 form, and one address several proofs: the last counts.
    ends: dict[bytes, int] = {}
    for given, end in until:
        hashes = [keys.index(given.kind, given.match)]
        hashes += [keys.index(CROSSED, plain) for plain in given.crossed]
        for each in hashes:
            ends[each] = max(end, ends.get(each, 0))
    for each, end in ends.items():
        place = {"organisation_id": keys.organisation, "hash": each}
        tx.later(_REMEMBER, {**place, "ends_at": end})


def forget_vaulted(tx: Transaction, organisation: int, now: int) -> None:
    """Forget the addresses whose last proof has come to its day."""
    tx.run(_FORGET, {"organisation": organisation, "now": now})
