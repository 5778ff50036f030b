"""Changed: whom entries of the log, and what no entry tells, are about; by which digests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ....db import Sql
from ....subjects.identifiers import CROSSED
from .mark import KINDS, digests_of, marks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from ....db import Transaction
    from ....keyring import OrganisationKeys

    # The number of a brief, and the keyed hash by which others with its digest are found.
    Digests = dict[int, bytes]

_SINCE: Final = Sql(
    "SELECT record_id FROM ledger_entry WHERE log = :log AND place >= :start AND place < :end"
    " AND organisation_id = :organisation"
)
_PENDING: Final = Sql(
    "SELECT record_id FROM ledger_pending WHERE log = :log"
    " AND organisation_id = :organisation LIMIT :most"
)
_GONE: Final = Sql(
    "SELECT key FROM brief_gone WHERE organisation_id = :organisation LIMIT :most"
)


def _among(select: str) -> Sql:
    """Write a question about rows whose number, or hash, is among several."""
    return Sql(
        select.format("IN (SELECT value FROM json_each(:several))"),
        select.format("= ANY(:several)"),
    )


def _hashed(select: str) -> Sql:
    return Sql(
        select.format("IN (SELECT unhex(value) FROM json_each(:several))"),
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
_CROSSED: Final = _hashed(
    "SELECT hash FROM suppressed_hash WHERE organisation_id = :organisation AND suppressed {}"
)
# Open or not: what was there before is what may have been kept.
_IDENTIFIERS: Final = _among(
    "SELECT id, kind, sealed, hash FROM identifier WHERE organisation_id = :organisation"
    " AND subject_id {}"
)
_HOLDING: Final = (
    _hashed(
        "SELECT subject_id FROM identifier WHERE organisation_id = :organisation AND hash {}"
    ),
    _hashed(
        "SELECT i.subject_id FROM crossed_hash c JOIN identifier i"
        " ON i.organisation_id = c.organisation_id AND i.id = c.identifier_id"
        " WHERE c.organisation_id = :organisation AND c.hash {}"
    ),
)


def integrated(tx: Transaction, organisation: int, log: str, start: int, end: int) -> list[int]:
    """Give the records of an organisation's entries between two places."""
    values = {"organisation": organisation, "log": log, "start": start, "end": end}
    return [number for (number,) in tx.run(_SINCE, values)]


def pending(tx: Transaction, organisation: int, log: str, most: int) -> list[int]:
    """Give the records that wait for their place; at most so many."""
    values = {"organisation": organisation, "log": log, "most": most}
    return [number for (number,) in tx.run(_PENDING, values)]


def gone(tx: Transaction, organisation: int, most: int) -> set[int]:
    """Give what erasures left; at most so much."""
    rows = tx.run(_GONE, {"organisation": organisation, "most": most})
    return {key for (key,) in rows}


def subjects_of_records(tx: Transaction, organisation: int, records: Sequence[int]) -> set[int]:
    """Name the subjects that records are about."""
    if not records:
        return set()
    found = {
        row[0] for sql in _ABOUT for row in _several(tx, organisation, sql, sorted(records))
    }
    hashes = {bytes(row[0]) for row in _several(tx, organisation, _SUPPRESSED, records)}
    if hashes:
        crossed = _several(tx, organisation, _CROSSED, sorted(hashes))
        found |= holding(tx, organisation, hashes | {bytes(row[0]) for row in crossed})
    return found


def holding(tx: Transaction, organisation: int, hashes: Collection[bytes]) -> set[int]:
    """Name the subjects that have an identifier of one of these keyed hashes, in any form."""
    if not hashes:
        return set()
    several = sorted(hashes)
    return {row[0] for sql in _HOLDING for row in _several(tx, organisation, sql, several)}


def digests_of_subjects(
    tx: Transaction, keys: OrganisationKeys, subjects: Collection[int]
) -> Digests:
    """Give every digest of subjects, of identifiers they had, too."""
    if not subjects:
        return {}
    hashed = keys.hasher(CROSSED)
    digests: list[bytes] = []
    hashes: list[bytes] = []
    rows = _several(tx, keys.organisation, _IDENTIFIERS, sorted(subjects))
    for number, kind, sealed, own in rows:
        if kind not in KINDS:
            continue
        text = keys.unseal(bytes(sealed), "identifier", number).decode()
        several = digests_of(kind, text)
        digests += several
        crossed = kind != "external_id"
        hashes += [hashed(each.hex()) if crossed else bytes(own) for each in several]
    return dict(zip(marks(keys, b"".join(digests)).keys, hashes, strict=True))


def _several(
    tx: Transaction, organisation: int, sql: Sql, several: Iterable[Any]
) -> list[Sequence[Any]]:
    values = {"organisation": organisation, "several": tx.several(list(several))}
    return tx.run(sql, values)
