"""What the tests of the ledger's database side share: keys, records, one quick way in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from consent_server import ids, ledger
from consent_server.clock import rfc3339_micros, to_micros
from consent_server.db import Sql, read, write
from consent_server.keyring import Keyring, OrganisationKeys
from tests.support.clock import NOON

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from consent_server.db import Transaction
    from tests.support.clock import HandClock

AT_NOON = to_micros(NOON)
TREE = ("pending", "entry", "tile", "head", "checkpoint", "feed")


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
    more: dict[str, Any] | None = None,
    opening: ledger.Opening | None = None,
    record_id: int | None = None,
) -> int:
    """Append a record in an open transaction; gives its id."""
    record_id = record_id or ids.new_id()
    ledger.append(
        tx,
        organisation=organisation,
        log=log,
        record_id=record_id,
        kind="decision",
        record=make_record(organisation, record_id, at) | (more or {}),
        recorded_at=at,
        keys=make_keys(organisation),
        opening=opening,
        announcements=[{"record": str(record_id), "n": n} for n in range(events)],
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
    """A deployment's log, its signer and its clock."""

    app: Flask
    signer: ledger.LogSigner
    clock: HandClock

    @property
    def guard_file(self) -> Path:
        folder: Path = self.app.extensions["consent.settings"].data
        return folder / "ledger" / "main.checkpoint"

    def sequence(self, *, batch: int = 1000) -> ledger.Sequenced:
        return ledger.sequence_once(clock=self.clock, signer=self.signer, batch=batch)

    def prove(
        self, organisation: int, record_id: int, *, opening: bool = False
    ) -> dict[str, object]:
        with read(organisation) as tx:
            return ledger.prove(
                tx,
                organisation=organisation,
                record_id=record_id,
                keys=make_keys(organisation),
                signer=self.signer,
                opening=opening,
            )

    def vkey(self, log: str = ledger.MAIN_LOG) -> str:
        with read() as tx:
            return ledger.key_of_log(tx, self.signer, log).vkey

    def findings(self) -> list[ledger.Finding]:
        """Check everything, records opened and committed to again."""
        found: list[ledger.Finding] = []
        with read() as tx:
            owners = ledger.organisations(tx)
            for log in ledger.logs(tx):
                found += ledger.check_log(tx, log, signer=self.signer)
        for owner in owners:
            with read(owner) as tx:
                found += ledger.check_organisation(tx, owner, keys=make_keys(owner))
        return found


def size_of(log: str = ledger.MAIN_LOG) -> int:
    """Tell how far a log has grown."""
    with read() as tx:
        head = ledger.read_head(tx, log)
        return head.size if head else 0


def count_of(table: str) -> int:
    """Count the rows of one of the tree's tables."""
    with read() as tx:
        return int(tx.run(Sql(f"SELECT count(*) FROM ledger_{table}"))[0][0])


def dump_tree() -> dict[str, list[tuple[Any, ...]]]:
    """Give every row of the tables outside the wall."""
    with read() as tx:
        return {
            table: sorted(tuple(row) for row in tx.run(Sql(f"SELECT * FROM ledger_{table}")))
            for table in TREE
        }


def restore_tree(rows: dict[str, list[tuple[Any, ...]]]) -> None:
    """Put an earlier dump back, as whoever restores an old database does."""
    with write() as tx:
        for table, kept in rows.items():
            tx.run(Sql(f"DELETE FROM ledger_{table}"))
            for row in kept:
                values = {f"v{at}": value for at, value in enumerate(row)}
                holders = ", ".join(f":{name}" for name in values)
                tx.run(Sql(f"INSERT INTO ledger_{table} VALUES ({holders})"), values)


def change(statement: str, organisation: int | None = None, **values: object) -> None:
    """Run one statement, as whoever has the database in his hands can."""
    with write(organisation) as tx:
        tx.run(Sql(statement), values)
