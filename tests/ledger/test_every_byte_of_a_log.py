"""No byte of a log is free: whichever is changed, in whichever table, the check says where.

A few of each here, spread over all; every one when CONSENT_TEST_WHOLE is set.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from consent_server import ledger
from consent_server.db import Sql, read, write
from consent_server.ledger.checkpoint import Checkpoint, CheckpointError, open_checkpoint
from consent_server.ledger.guard import Guard
from consent_server.ledger.log_keys import LogKeys
from tests.ledger.world import World, append_many

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WHOLE = bool(os.environ.get("CONSENT_TEST_WHOLE"))
ENTRIES = 1000
KIND = "consent-test+jwt"
# Where bytes lie, what names their row, and what the check may call a change of them.
PLACES = {
    "entry": ("ledger_entry", "commitment", ("log", "place"), {"tile", "checkpoint", "root"}),
    "tile": ("ledger_tile", "hashes", ("log", "level", "number"), {"tile"}),
    "root": ("ledger_head", "root", ("log",), {"head", "root"}),
    "head": ("ledger_head", "checkpoint", ("log",), {"head"}),
    "checkpoint": ("ledger_checkpoint", "checkpoint", ("log", "size"), {"checkpoint"}),
}


@pytest.fixture
def log(world: World) -> World:
    """Give a log of a thousand entries, under several checkpoints."""
    append_many(7, ENTRIES)
    world.sequence(batch=300)
    return world


def flips(size: int, few: int) -> Iterator[tuple[int, int]]:
    """Say which bit of which byte is changed: one of each byte, or of a few of them."""
    step = 1 if WHOLE else max(1, size // few)
    for at in range(size - 1, -1, -step):
        yield at, 1 << (at % 8)


def flipped(value: bytes | str, at: int, bit: int) -> bytes | str:
    data = bytearray(value.encode() if isinstance(value, str) else value)
    data[at] ^= bit
    # A text of a database must stay a text.
    return bytes(data).decode(errors="replace") if isinstance(value, str) else bytes(data)


@pytest.mark.timeout(7200 if WHOLE else 120)
def test_111_any_byte_of_a_stored_log_that_was_changed_is_found(log: World) -> None:
    for place in PLACES:
        change_each_byte(log, *PLACES[place])
    assert log.findings() == []


def change_each_byte(
    log: World, table: str, column: str, key: tuple[str, ...], codes: set[str]
) -> None:
    with read() as tx:
        rows = tx.run(Sql(f"SELECT {column}, {', '.join(key)} FROM {table}"))
    where = " AND ".join(f"{name} = :{name}" for name in key)
    statement = Sql(f"UPDATE {table} SET {column} = :value WHERE {where}")
    for value, *names in rows if WHOLE else rows[:: max(1, len(rows) // 3)]:
        row = dict(zip(key, names, strict=True))
        for at, bit in flips(len(value), 2):
            put(statement, row, flipped(value, at, bit))
            found = codes_found(log)
            assert found, (table, row, at)
            assert found <= codes, (table, row, at, found)
        put(statement, row, value)


def codes_found(log: World) -> set[str]:
    with read() as tx:
        return {each.code for each in ledger.check_log(tx, "main", signer=log.signer)}


def put(statement: Sql, row: dict[str, object], value: bytes | str) -> None:
    with write() as tx:
        tx.run(statement, {**row, "value": value})


@pytest.fixture
def signer(tmp_path: Path) -> ledger.LogSigner:
    """Give a signer that has no database."""
    keys = LogKeys(bytes(range(32)))
    return ledger.LogSigner(origin="log.example", keys=lambda: keys, guard=Guard(tmp_path))


def test_111_any_bit_of_a_checkpoint_that_was_changed_is_refused(
    signer: ledger.LogSigner,
) -> None:
    note = signer.sign(Checkpoint("log.example", ENTRIES, bytes(range(32)))).encode()
    key = signer.key_for("log.example")
    assert open_checkpoint(note.decode(), [key]).size == ENTRIES
    for at in range(len(note)):
        for bit in range(8):
            other = bytearray(note)
            other[at] ^= 1 << bit
            with pytest.raises((CheckpointError, UnicodeDecodeError)):
                open_checkpoint(other.decode(), [key])


def test_111_any_bit_of_a_statement_that_was_changed_is_refused(
    signer: ledger.LogSigner,
) -> None:
    said = signer.sign_statement({"answer": "no", "v": 1}, KIND).encode()
    assert signer.read_statement(said.decode(), KIND) == {"answer": "no", "v": 1}
    for at in range(len(said)):
        for bit in range(8):
            other = bytearray(said)
            other[at] ^= 1 << bit
            assert signer.read_statement(other.decode("latin-1"), KIND) is None
