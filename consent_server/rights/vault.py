"""The vault: proof that outlives an erasure, apart from everything, destroyed on its date.

What goes in: decisions about purposes whose proof the organisation keeps for a time
(`proof_period`, GDPR art. 17(3)(e)), from the day they were recorded. No identifier, no
standing, no fact goes with them; nothing answers from here but `consent vault`. A lookup
learns only that something is kept, from a keyed hash beside it (subjects/vaulted.py).
"""

from __future__ import annotations

import hmac
import json
from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .. import ledger
from ..clock import add_period, parse_rfc3339, to_micros
from ..db import Sql
from ..keyring import seal, unseal
from ..ledger import person_fields
from ..problems import NotFound
from ..subjects.vaulted import forget_vaulted, remember
from ..web import current

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration
    from ..subjects import Identified

_KEEP: Final = Sql(
    "INSERT INTO vault (organisation_id, record_id, person, sealed, kept_at, ends_at)"
    " VALUES (:organisation, :record, :person, :sealed, :now, :ends_at)"
    " ON CONFLICT DO NOTHING"
)
_LIST: Final = Sql(
    "SELECT record_id, person, kept_at, ends_at FROM vault"
    " WHERE organisation_id = :organisation ORDER BY ends_at, record_id"
)
_ONE: Final = Sql(
    "SELECT sealed FROM vault WHERE organisation_id = :organisation AND record_id = :record"
    " AND ends_at > :now"
)
_DESTROY: Final = Sql(
    "DELETE FROM vault WHERE organisation_id = :organisation AND ends_at <= :now"
    " RETURNING record_id"
)


@dataclass(frozen=True)
class Kept:
    """How many records an erasure left in the vault, and until when the last one stays."""

    count: int = 0
    until: int | None = None


@dataclass(frozen=True)
class Row:
    """One record in the vault, unopened."""

    record: int
    person: bytes | None
    kept_at: int
    ends_at: int


def keep_proofs(
    tx: Transaction,
    keys: OrganisationKeys,
    configuration: Configuration,
    records: Iterable[int],
    identifiers: Sequence[Identified],
    now: datetime,
) -> Kept:
    """Move what must outlive an erasure into the vault, before the records are destroyed."""
    ends = []
    known: list[tuple[Identified, int]] = []
    for record in records:
        cell = ledger.open_cell(tx, keys.organisation, record, keys)
        end = _end(cell, configuration) if cell else None
        if cell is None or end is None or end <= to_micros(now):
            continue
        person = _person(cell, identifiers)
        if person is not None:
            known.append((person, end))
        tx.run(
            _KEEP,
            {
                "organisation": keys.organisation,
                "record": record,
                "person": _tag(keys.organisation, person) if person else None,
                "sealed": seal(_key(keys.organisation), json_bytes(cell), _place(record)),
                "now": to_micros(now),
                "ends_at": end,
            },
        )
        ends.append(end)
    remember(tx, keys, known)
    return Kept(len(ends), max(ends, default=None))


def destroy_ended(tx: Transaction, organisation: int, now: int) -> int:
    """Destroy what has come to its date, salt and all; gives how many."""
    forget_vaulted(tx, organisation, now)
    return len(tx.run(_DESTROY, {"organisation": organisation, "now": now}))


def in_vault(tx: Transaction, organisation: int, person: Identified | None) -> list[Row]:
    """List what is in the vault; of one person, only what is about that identifier."""
    rows = [Row(*row) for row in tx.run(_LIST, {"organisation": organisation})]
    if person is None:
        return rows
    tag = _tag(organisation, person)
    return [row for row in rows if row.person is not None and bytes(row.person) == tag]


def prove_vaulted(
    tx: Transaction, keys: OrganisationKeys, record: int, *, now: int
) -> Mapping[str, object]:
    """Give the proof of a record in the vault, opened; raises NotFound after its date."""
    values = {"organisation": keys.organisation, "record": record, "now": now}
    rows = tx.run(_ONE, values)
    if not rows:
        raise NotFound("no such record is in the vault, or no longer")
    plain = unseal(_key(keys.organisation), bytes(rows[0][0]), _place(record))
    return ledger.prove(
        tx,
        organisation=keys.organisation,
        record_id=record,
        keys=keys,
        signer=ledger.LogSigner.of(current.settings(), current.keyring()),
        opening=True,
        cell=json.loads(plain),
    )


def json_bytes(cell: Mapping[str, Any]) -> bytes:
    """Write a cell; only we read it again."""
    return ledger.canonical_bytes(dict(cell))


def _end(cell: Mapping[str, Any], configuration: Configuration) -> int | None:
    """Tell until when a decision's proof is kept: as long as any of its purposes asks."""
    record = json.loads(cell["record"])
    if record["kind"] != "decision":
        return None
    since = parse_rfc3339(record["recorded_at"])
    periods = [
        purpose.proof_period
        for slug in record["choices"]
        if (purpose := configuration.purpose(slug)) and purpose.proof_period
    ]
    return max((to_micros(add_period(since, each)) for each in periods), default=None)


def _person(cell: Mapping[str, Any], identifiers: Sequence[Identified]) -> Identified | None:
    """Find the identifier that a record was made through, among those of the person."""
    opening, record = cell.get("opening"), json.loads(cell["record"])
    for each in identifiers:
        if opening and each.kind == opening["kind"]:
            shown = person_fields(b64decode(opening["key"]), each.kind, each.match)
            if shown["person"] == record.get("person"):
                return each
    return None


def _tag(organisation: int, person: Identified) -> bytes:
    text = f"person|{person.kind}|{person.match}"
    return hmac.digest(_key(organisation), text.encode(), "sha256")


def _key(organisation: int) -> bytes:
    # Of its own: whoever reads the organisation's rows cannot read these.
    return current.keyring().derive(f"vault|{organisation}")


def _place(record: int) -> bytes:
    return f"vault|{record}".encode()
