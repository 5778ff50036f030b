"""Strangers: whoever has no brief is nobody, unless her address is remembered for all that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ...db import Sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...db import Transaction


def _in_any(*tables: str) -> Sql:
    """Write a question: which of several keyed hashes stand in one of the tables."""
    # Not EXISTS: without statistics PostgreSQL may read a whole table for it.
    found = " OR ".join(
        f"(SELECT 1 FROM {table} x WHERE x.organisation_id = :organisation"
        f" AND x.hash = {{hash}} LIMIT 1) IS NOT NULL"
        for table in tables
    )
    return Sql(
        "SELECT k.value FROM json_each(:several) k"
        f" WHERE {found.format(hash='unhex(k.value)')}",
        "SELECT encode(k.value, 'hex') FROM unnest(:several::bytea[]) AS k(value)"
        f" WHERE {found.format(hash='k.value')}",
    )


_KNOWN: Final = {
    False: _in_any("suppression", "vaulted_hash"),
    True: _in_any("suppressed_hash", "vaulted_hash"),
}


def known(
    tx: Transaction, organisation: int, hashes: Sequence[bytes], *, crossed: bool
) -> set[bytes]:
    """Name those of keyed hashes that somebody was ever suppressed or is vaulted by.

    Whose address it is has a brief (briefs/make.py), and is not asked about here.
    """
    if not hashes:
        return set()
    values = {"organisation": organisation, "several": tx.several(hashes)}
    rows = tx.run(_KNOWN[crossed], values)
    return {bytes.fromhex(row[0]) for row in rows}
