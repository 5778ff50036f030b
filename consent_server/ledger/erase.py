"""Erasing: record and salt are gone, the entry stays and means nothing any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..db import Sql

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..db import Transaction

# The row stays: its announcements hold the feed's numbers, and name nobody.
_EMPTY: Final = Sql(
    "UPDATE ledger_record SET sealed = NULL"
    " WHERE organisation_id = :organisation AND id = :record"
)
_STATE: Final = Sql(
    "SELECT kind, sealed IS NULL FROM ledger_record"
    " WHERE organisation_id = :organisation AND id = :record"
)


def erase_records(tx: Transaction, organisation: int, records: Iterable[int]) -> None:
    """Destroy records with their salts and openings; one that is not there is no matter."""
    tx.run_many(
        _EMPTY, [{"organisation": organisation, "record": each} for each in sorted(records)]
    )


def was_erased(tx: Transaction, organisation: int, record: int, kind: str) -> bool:
    """Tell whether there was such a record of this kind, and it has been erased."""
    found = tx.run(_STATE, {"organisation": organisation, "record": record})
    return bool(found) and found[0][0] == kind and bool(found[0][1])
