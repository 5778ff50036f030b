"""Verified: somebody showed that an identifier is hers, by a link sent to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..db import Sql

if TYPE_CHECKING:
    from ..db import Transaction

_VERIFY: Final = Sql(
    "UPDATE identifier SET verified_at = :now"
    " WHERE organisation_id = :organisation AND id = :identifier AND verified_at IS NULL"
)


def verified(tx: Transaction, organisation: int, identifier: int, *, now: int) -> None:
    """Keep when an identifier was first shown to be its subject's own."""
    values = {"organisation": organisation, "identifier": identifier, "now": now}
    tx.run(_VERIFY, values)
