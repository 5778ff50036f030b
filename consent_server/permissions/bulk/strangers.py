"""Strangers: whoever has no brief is nobody, unless an address nobody has is suppressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ...db import Sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...db import Transaction


def _in(table: str) -> Sql:
    """Write a question: which of several keyed hashes stand in a table."""
    there = f"EXISTS (SELECT 1 FROM {table} x WHERE x.organisation_id = :organisation"
    return Sql(
        f"SELECT k.value FROM json_each(:several) k WHERE {there} AND x.hash = unhex(k.value))",
        "SELECT encode(k.value, 'hex') FROM unnest(:several::bytea[]) AS k(value)"
        f" WHERE {there} AND x.hash = k.value)",
    )


_SUPPRESSED: Final = {False: _in("suppression"), True: _in("suppressed_hash")}


def stopped(
    tx: Transaction, organisation: int, hashes: Sequence[bytes], *, crossed: bool
) -> set[bytes]:
    """Name those of keyed hashes that anything was ever suppressed by."""
    if not hashes:
        return set()
    values = {"organisation": organisation, "several": tx.several(hashes)}
    rows = tx.run(_SUPPRESSED[crossed], values)
    return {bytes.fromhex(row[0]) for row in rows}
