"""Changed: whom entries of the log, and what no entry tells, are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ....db import Sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ....db import Transaction

_SINCE: Final = Sql(
    "SELECT record_id FROM ledger_entry WHERE log = :log AND place >= :start AND place < :end"
    " AND organisation_id = :organisation"
)
_PENDING: Final = Sql(
    "SELECT record_id FROM ledger_pending WHERE log = :log"
    " AND organisation_id = :organisation LIMIT :most"
)


def _among(select: str) -> Sql:
    """Write a question about rows whose number, or hash, is among several."""
    return Sql(
        select.format("IN (SELECT value FROM json_each(:several))"),
        select.format("= ANY(:several)"),
    )


# A record has the number of a row of whom it is about (subjects/prove.py).
_ABOUT: Final = tuple(
    _among(f"{select} WHERE organisation_id = :organisation AND id {{}}")
    for select in (
        "SELECT subject_id FROM decision",
        "SELECT subject_id FROM subject_fact",
        "SELECT subject_id FROM identifier",
        "SELECT id FROM subject",
    )
)
_SUPPRESSED: Final = _among(
    "SELECT hash FROM suppression WHERE organisation_id = :organisation AND id {}"
)
_HOLDING: Final = Sql(
    "SELECT subject_id FROM identifier WHERE organisation_id = :organisation"
    " AND hash IN (SELECT unhex(value) FROM json_each(:several))",
    "SELECT subject_id FROM identifier WHERE organisation_id = :organisation"
    " AND hash = ANY(:several)",
)


def integrated(tx: Transaction, organisation: int, log: str, start: int, end: int) -> list[int]:
    """Give the records of an organisation's entries between two places."""
    values = {"organisation": organisation, "log": log, "start": start, "end": end}
    return [number for (number,) in tx.run(_SINCE, values)]


def pending(tx: Transaction, organisation: int, log: str, most: int) -> list[int]:
    """Give the records that wait for their place; at most so many."""
    values = {"organisation": organisation, "log": log, "most": most}
    return [number for (number,) in tx.run(_PENDING, values)]


def subjects_of_records(tx: Transaction, organisation: int, records: Sequence[int]) -> set[int]:
    """Name the subjects that records are about."""
    if not records:
        return set()
    found = {
        row[0] for sql in _ABOUT for row in _several(tx, organisation, sql, sorted(records))
    }
    hashes = [bytes(row[0]) for row in _several(tx, organisation, _SUPPRESSED, records)]
    if hashes:
        found |= {row[0] for row in _several(tx, organisation, _HOLDING, sorted(hashes))}
    return found


def _several(
    tx: Transaction, organisation: int, sql: Sql, several: Iterable[Any]
) -> list[Sequence[Any]]:
    values = {"organisation": organisation, "several": tx.several(list(several))}
    return tx.run(sql, values)
