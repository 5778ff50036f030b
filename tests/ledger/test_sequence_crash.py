"""Crashes: wherever a pass dies, nothing is half done, and the next pass goes on."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from consent_server.db import Transaction, write
from consent_server.ledger import sequence as sequencing
from consent_server.ledger.checkpoint import parse_checkpoint_body
from consent_server.ledger.note import parse_note
from tests.ledger.world import World, append_many, count_of, dump_tree, size_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from consent_server.db import Sql
    from tests.support.databases import Database

ROOT = Path(__file__).parents[2]


class PowerCut(BaseException):
    """Nothing in the pass may catch it."""


class Failing(Transaction):
    """A transaction that dies at one of its statements, before it or just after."""

    def __init__(self, inner: Transaction, die_at: int) -> None:
        self.inner = inner
        self.left = die_at
        self.postgresql = inner.postgresql

    def run(self, sql: Sql, values: Mapping[str, Any] | None = None) -> list[Any]:
        self._count()
        rows = self.inner.run(sql, values)
        self._count()
        return rows

    def run_many(self, sql: Sql, rows: Sequence[Mapping[str, Any]]) -> None:
        self._count()
        self.inner.run_many(sql, rows)
        self._count()

    def _count(self) -> None:
        if self.left == 0:
            raise PowerCut
        self.left -= 1


def dying(die_at: int) -> Any:
    @contextmanager
    def failing() -> Iterator[Failing]:
        with write() as tx:
            failing = Failing(tx, die_at)
            yield failing
            if failing.left == 0:
                raise PowerCut

    return failing


def test_security_114_dying_at_any_statement_leaves_nothing_half_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    append_many(7, 300)
    world.sequence()
    append_many(7, 3)
    append_many(8, 2, events=2)
    before, guarded = dump_tree(), world.guard_file.read_text()
    died = 0
    for step in range(200):
        monkeypatch.setattr(sequencing, "write", dying(step))
        try:
            world.sequence()
        except PowerCut:
            died += 1
            assert dump_tree() == before
            assert world.guard_file.read_text() == guarded
        else:
            break
    assert died > 20
    assert size_of() == 305
    assert world.findings() == []


def test_security_114_dying_between_commit_and_guard_is_no_rollback(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    append_many(7, 3)
    world.sequence()
    append_many(7, 3)

    def die(_log: str, _note: str) -> None:
        raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr(world.signer.guard, "raise_to", die)
        with pytest.raises(PowerCut):
            world.sequence()
    assert size_of() == 6
    assert guarded_size(world) == 3
    append_many(7, 1)
    assert world.sequence().total == 1
    assert guarded_size(world) == 7
    assert world.findings() == []


def guarded_size(world: World) -> int:
    note = parse_note(world.guard_file.read_text())
    return parse_checkpoint_body(note.text).size


# ------------------------------------------------------------------------------- kill -9

_SEQUENCER = """
from consent_server import ledger
from consent_server.clock import system_clock
from consent_server.config import Settings
from consent_server.db import db
from consent_server.keyring import Keyring
from flask import Flask
from consent_server import db as database

settings = Settings.from_environment()
app = Flask("sequencer")
app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
app.config["SQLALCHEMY_ENGINE_OPTIONS"] = database.engine_options(settings.database_url)
db.init_app(app)
with app.app_context():
    database.attach(db.engine)
    signer = ledger.LogSigner.of(settings, Keyring.open(settings.keys))
    while True:
        ledger.sequence_once(clock=system_clock, signer=signer, batch=3)
"""


@contextmanager
def sequencer(database: Database, data: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-c", _SEQUENCER],
        cwd=ROOT,
        env={**os.environ, **database.environment(data)},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until_it_works(process: subprocess.Popen[bytes], size: int) -> None:
    deadline = time.monotonic() + 30
    while size_of() <= size:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_security_114_a_sequencer_killed_at_any_moment_leaves_a_whole_log(
    world: World, database: Database
) -> None:
    data = world.app.extensions["consent.settings"].data
    chance, rounds, each = random.Random(114), 10, 150
    left = []
    for _ in range(rounds):
        size = size_of()
        append_many(7, each, events=2)
        with sequencer(database, data) as process:
            wait_until_it_works(process, size)
            time.sleep(chance.random() * 0.03)
        left.append(count_of("pending"))
        assert world.findings() == []
    # Else nobody was killed in the middle of anything.
    assert any(left)
    world.sequence()
    assert size_of() == rounds * each
    assert count_of("pending") == 0
    assert guarded_size(world) == rounds * each
    assert world.findings() == []
