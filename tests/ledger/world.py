"""What the tests of the ledger's database side share: keys, records, one quick way in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from consent_server import ids, ledger
from consent_server.clock import rfc3339_micros, to_micros
from consent_server.db import Sql, write
from consent_server.keyring import Keyring, OrganisationKeys
from tests.support.clock import NOON

if TYPE_CHECKING:
    from flask import Flask

    from consent_server.clock import Clock
    from consent_server.db import Transaction

AT_NOON = to_micros(NOON)
COUNT = {
    table: Sql(f"SELECT count(*) FROM ledger_{table}")
    for table in ("pending", "entry", "tile", "head", "checkpoint", "feed")
}


def make_keys(organisation: int) -> OrganisationKeys:
    """Give an organisation keys that are always the same."""
    return OrganisationKeys(
        organisation, organisation.to_bytes(32, "little"), {1: b"\x05" * 32}
    )


def make_signer(app: Flask) -> ledger.LogSigner:
    """Give the signer of the application's deployment."""
    settings = app.extensions["consent.settings"]
    return ledger.LogSigner.of(settings, Keyring.open(settings.keys))


def make_record(organisation: int, record_id: int, at: int = AT_NOON) -> dict[str, Any]:
    """Give a record in the shape that rooms above would write."""
    return {
        "kind": "decision",
        "organisation": ids.public("org", organisation),
        "id": ids.public("dec", record_id),
        "choices": {"newsletter": "granted", "analytics": "refused"},
        "recorded_at": rfc3339_micros(at),
    }


def append_one(
    tx: Transaction,
    organisation: int,
    *,
    log: str = ledger.MAIN_LOG,
    at: int = AT_NOON,
    events: int = 1,
    opening: ledger.Opening | None = None,
) -> int:
    """Append a record in an open transaction; gives its id."""
    record_id = ids.new_id()
    ledger.append(
        tx,
        organisation=organisation,
        log=log,
        record_id=record_id,
        kind="decision",
        record=make_record(organisation, record_id, at),
        recorded_at=at,
        keys=make_keys(organisation),
        opening=opening,
        announcements=[{"type": "consent.granted", "n": n} for n in range(events)],
    )
    return record_id


def append_many(
    organisation: int,
    count: int,
    *,
    log: str = ledger.MAIN_LOG,
    at: int = AT_NOON,
    events: int = 1,
) -> list[int]:
    """Append records in one transaction of their own; gives their ids."""
    with write(organisation) as tx:
        return [
            append_one(tx, organisation, log=log, at=at, events=events) for _ in range(count)
        ]


@dataclass
class World:
    """A deployment's ledger, under a clock in the test's hand."""

    signer: ledger.LogSigner
    clock: Clock

    def sequence(self, *, batch: int = 5000) -> ledger.Sequenced:
        return ledger.sequence_once(clock=self.clock, signer=self.signer, batch=batch)
