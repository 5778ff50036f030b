"""Two servers that know each other: one keeps a log, the other is its witness."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import create_engine, text

from consent_server import ledger
from consent_server.db import engine_options
from consent_server.keyring import Keyring
from consent_server.ledger.checkpoint import Checkpoint, open_checkpoint
from consent_server.ledger.note import open_note, parse_vkey
from consent_server.ledger.witness.asked import Asked, write_asked
from tests.support import databases
from tests.support.running import FOLDER, apply
from tests.support.server import Deployment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.databases import Database

SITE = "https://www.cubalys.example"


@pytest.fixture
def witness(run_folder: Path, tmp_path: Path) -> Iterator[Deployment]:
    """Give a server that is to be a witness, not started yet."""
    data = tmp_path / "witness"
    with databases.fresh("sqlite", run_folder, data) as database:
        deployment = Deployment(database, data)
        yield deployment
        deployment.kill()


@pytest.fixture
def log(database: Database, tmp_path: Path, witness: Deployment) -> Iterator[Deployment]:
    """Give a server whose log that witness cosigns; both run."""
    deployment = Deployment(database, tmp_path / "data")
    told = json.loads(witness.run("ledger", "witnesses", "--json").stdout)
    key = told["witness_of"]["key"]
    deployment.environment["CONSENT_WITNESSES"] = f"{witness.base_url}/witness {key}"
    deployment.environment["CONSENT_WITNESS_SECONDS"] = "1"
    own = deployment.run("ledger", "key").stdout.strip()
    witness.environment["CONSENT_WITNESS_LOGS"] = own
    witness.start_server()
    answering(witness)
    with deployment:
        yield deployment


def answering(deployment: Deployment) -> None:
    for _ in range(400):
        with suppress(httpx.TransportError):
            if httpx.get(f"{deployment.base_url}/healthz").is_success:
                return
        time.sleep(0.05)
    raise AssertionError(deployment.last_words())


def at_rest(log: Deployment) -> int:
    """Wait until nothing waits for its place; gives the size of the log."""
    url = log.settings.database_url
    engine = create_engine(url, **engine_options(url))
    try:
        for _ in range(400):
            with engine.connect() as connection:
                waiting = connection.scalar(text("SELECT count(*) FROM ledger_pending"))
            if waiting == 0:
                answer = httpx.get(f"{log.base_url}/log/checkpoint")
                assert answer.is_success, answer.text
                return int(answer.text.split("\n")[1])
            time.sleep(0.05)
    finally:
        engine.dispose()
    raise AssertionError(log.last_words())


def cosigned(log: Deployment, least: int) -> str:
    """Wait until a checkpoint of at least this size is cosigned; gives it."""
    for _ in range(400):
        answer = httpx.get(f"{log.base_url}/log/cosigned")
        if answer.is_success and int(answer.text.split("\n")[1]) >= least:
            return answer.text
        time.sleep(0.05)
    raise AssertionError(log.last_words())


def test_116_a_log_is_cosigned_by_another_server_and_no_second_history_is(
    log: Deployment, witness: Deployment
) -> None:
    apply(log, FOLDER / "cubalys.yaml", SITE)
    cosigned(log, at_rest(log))
    note = cosigned(log, at_rest(log))
    told = json.loads(witness.run("ledger", "witnesses", "--json").stdout)["witness_of"]
    key = parse_vkey(log.run("ledger", "key").stdout.strip())
    assert open_note(note, [parse_vkey(told["key"])])
    head = open_checkpoint(note, [key])
    assert told["logs"] == {head.origin: head.size}

    # Killed in the middle, it comes back with its memory.
    witness.kill()
    witness.start_server()
    answering(witness)
    # Whoever has the log's key signs another history: the witness has seen the first.
    signer = ledger.LogSigner.of(log.settings, Keyring.open(log.settings.keys))
    for size in (head.size, head.size + 1):
        other = signer.sign(Checkpoint(head.origin, size, bytes(32)))
        for old in (head.size, head.size - 1, 0):
            body = write_asked(Asked(old, (), other))
            answer = httpx.post(f"{witness.base_url}/witness/add-checkpoint", content=body)
            assert answer.status_code in {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}
    assert json.loads(witness.run("ledger", "witnesses", "--json").stdout)["witness_of"] == told
    # The true one goes on.
    apply(log, FOLDER / "cubalys.yaml", f"{SITE}:8443")
    assert at_rest(log) > head.size
    cosigned(log, at_rest(log))
    waiting = json.loads(log.run("ledger", "witnesses", "--json").stdout)["witnesses"]
    assert [each["pending"] for each in waiting] == [0]
