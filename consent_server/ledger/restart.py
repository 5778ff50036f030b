"""Another log for an organisation that only tries things out: the old one ends for good.

A log that begins again under its own name would have two histories under one key. So what
is kept goes into a log of another name, and the old name signs nothing more.
"""

from __future__ import annotations

import json
from base64 import b64decode
from typing import TYPE_CHECKING, Final

from ..db import Insert, Sql, as_json
from .append import MICROS_PER_MINUTE, SEALED_TABLE
from .entry import commit_bytes
from .models import Pending
from .sequence import hold_log

if TYPE_CHECKING:
    from ..db import Transaction
    from ..keyring import OrganisationKeys

_WAIT: Final = Insert(Pending.__table__)
_END_LOG: Final = (
    Sql("DELETE FROM ledger_pending WHERE log = :log"),
    Sql("DELETE FROM ledger_entry WHERE log = :log"),
    Sql("DELETE FROM ledger_tile WHERE log = :log"),
    Sql("DELETE FROM ledger_head WHERE log = :log"),
    Sql("DELETE FROM ledger_checkpoint WHERE log = :log"),
    Sql("DELETE FROM ledger_stamp WHERE log = :log"),
)
_END_RECORDS: Final = (
    Sql("DELETE FROM ledger_feed WHERE organisation_id = :organisation"),
    Sql(
        "DELETE FROM ledger_record WHERE organisation_id = :organisation"
        " AND (kind <> :kept OR sealed IS NULL)"
    ),
)
_KEPT: Final = Sql(
    "SELECT id, recorded_at, sealed, announcements FROM ledger_record"
    " WHERE organisation_id = :organisation ORDER BY recorded_at, id"
)


def begin_again(
    tx: Transaction,
    *,
    organisation: int,
    old: str,
    new: str,
    keys: OrganisationKeys,
    kept: str,
) -> None:
    """End a log that is this organisation's alone; records of one kind wait for the new one.

    Whoever else writes the old log is waited for.
    """
    hold_log(tx, old)
    for statement in _END_LOG:
        tx.run(statement, {"log": old})
    for statement in _END_RECORDS:
        tx.run(statement, {"organisation": organisation, "kept": kept})
    for record, recorded_at, sealed, announcements in tx.run(
        _KEPT, {"organisation": organisation}
    ):
        cell = json.loads(keys.unseal(bytes(sealed), SEALED_TABLE, record))
        row = {
            "organisation_id": organisation,
            "record_id": record,
            "log": new,
            "recorded_at": recorded_at,
            "minute": recorded_at // MICROS_PER_MINUTE,
            "commitment": commit_bytes(cell["record"].encode(), b64decode(cell["salt"])),
            "announced": len(as_json(announcements)),
        }
        tx.later(_WAIT, row)
