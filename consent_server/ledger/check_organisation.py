"""Checking an organisation: each record has one entry, and its feed has no gap."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import TYPE_CHECKING, Final, NamedTuple

from ..db import Sql
from ..keyring import CannotOpen
from .append import MICROS_PER_MINUTE, SEALED_TABLE
from .check import Finding, no_progress
from .entry import commit_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..db import Transaction
    from ..keyring import OrganisationKeys

_RECORDS: Final = Sql(
    "SELECT r.id, r.recorded_at, r.sealed, json_array_length(r.announcements),"
    " e.minute, e.commitment, e.announced, p.minute, p.commitment, p.announced"
    " FROM ledger_record r"
    " LEFT JOIN ledger_entry e"
    " ON e.organisation_id = r.organisation_id AND e.record_id = r.id"
    " LEFT JOIN ledger_pending p"
    " ON p.organisation_id = r.organisation_id AND p.record_id = r.id"
    " WHERE r.organisation_id = :organisation AND r.id > :after"
    " ORDER BY r.id LIMIT 1000"
)
_ORPHANS: Final = {
    "placed": Sql(
        "SELECT x.record_id FROM ledger_entry x WHERE x.organisation_id = :organisation"
        " AND NOT EXISTS (SELECT 1 FROM ledger_record r"
        " WHERE r.organisation_id = :organisation AND r.id = x.record_id) LIMIT 100"
    ),
    "waiting": Sql(
        "SELECT x.record_id FROM ledger_pending x WHERE x.organisation_id = :organisation"
        " AND NOT EXISTS (SELECT 1 FROM ledger_record r"
        " WHERE r.organisation_id = :organisation AND r.id = x.record_id) LIMIT 100"
    ),
}
_NUMBERED: Final = Sql(
    "SELECT first_seq, announced, place, log FROM ledger_entry"
    " WHERE organisation_id = :organisation AND first_seq > :after"
    " ORDER BY first_seq LIMIT 1000"
)
_UNNUMBERED: Final = Sql(
    "SELECT count(*) FROM ledger_entry WHERE organisation_id = :organisation"
    " AND (announced = 0) <> (first_seq = 0)"
)
_NEXT: Final = Sql("SELECT next_seq FROM ledger_feed WHERE organisation_id = :organisation")


class _Side(NamedTuple):
    """What one of the two tables says of a record: where it waits, or where it is."""

    minute: int | None
    commitment: bytes | None
    announced: int | None


def check_organisation(
    tx: Transaction,
    organisation: int,
    *,
    keys: OrganisationKeys | None = None,
    progress: Callable[[int], None] = no_progress,
) -> Iterator[Finding]:
    """Compare an organisation's records with their entries, and its feed with itself.

    With the organisation's keys each record is opened and committed to again.
    """
    where = f"organisation {organisation}"
    for code, detail in _records(tx, organisation, keys, progress):
        yield Finding(code, where, detail)
    for side, query in _ORPHANS.items():
        for (record,) in tx.run(query, {"organisation": organisation}):
            yield Finding("entry", where, f"an entry is {side} without its record {record}")
    for detail in _feed(tx, organisation):
        yield Finding("feed", where, detail)


def _records(
    tx: Transaction,
    organisation: int,
    keys: OrganisationKeys | None,
    progress: Callable[[int], None],
) -> Iterator[tuple[str, str]]:
    values = {"organisation": organisation, "after": 0}
    while rows := tx.run(_RECORDS, values):
        for record, recorded_at, sealed, announced, *sides in rows:
            due = recorded_at // MICROS_PER_MINUTE, announced
            placed, waiting = _Side(*sides[:3]), _Side(*sides[3:])
            if fault := _fault(placed, waiting, due):
                yield "record", f"record {record} {fault}"
            elif keys is not None and sealed is not None:
                commitment = placed.commitment or waiting.commitment
                if not _commits(keys, record, sealed, commitment):
                    yield "record", f"record {record} is not what its entry commits to"
        values["after"] = rows[-1][0]
        progress(len(rows))


def _fault(placed: _Side, waiting: _Side, due: tuple[int, int]) -> str | None:
    if placed.commitment is None and waiting.commitment is None:
        return "has no entry, neither placed nor waiting"
    if placed.commitment is not None and waiting.commitment is not None:
        return "has an entry that is placed and still waits"
    found = waiting if placed.commitment is None else placed
    if (found.minute, found.announced) != due:
        return "has an entry of another minute or with other announcements"
    return None


def _commits(
    keys: OrganisationKeys, record: int, sealed: bytes, commitment: bytes | None
) -> bool:
    try:
        cell = json.loads(keys.unseal(sealed, SEALED_TABLE, record))
    except CannotOpen:
        return False
    return commit_bytes(cell["record"].encode(), b64decode(cell["salt"])) == commitment


def _feed(tx: Transaction, organisation: int) -> Iterator[str]:
    least = _next_number(tx, organisation)
    due, last = 1, ("", -1)
    values = {"organisation": organisation, "after": 0}
    while rows := tx.run(_NUMBERED, values):
        for first, announced, place, log in rows:
            if first != due:
                yield f"number {due} is followed by {first}"
            if log == last[0] and place < last[1]:
                yield f"number {first} is out of the log's order"
            due, last = first + announced, (log, place)
        values["after"] = rows[-1][0]
    # Read before and after: a sequencer at work may have given numbers meanwhile.
    most = _next_number(tx, organisation)
    if not least <= due <= most:
        yield f"the feed ends at {due - 1}, its head says {most - 1}"
    (unnumbered,) = tx.run(_UNNUMBERED, {"organisation": organisation})[0]
    if unnumbered:
        yield f"{unnumbered} entries announce events without a number"


def _next_number(tx: Transaction, organisation: int) -> int:
    rows = tx.run(_NEXT, {"organisation": organisation})
    return int(rows[0][0]) if rows else 1
