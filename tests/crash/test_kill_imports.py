"""Kill -9 of whoever carries an import on: nothing lost, nothing doubled, resumed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from consent_server import organisations
from consent_server.app import create_app
from consent_server.db import Sql, db, read, write
from tests.crash.conftest import serving
from tests.support.nursery import CONSENT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.crash.wire import Body, Client
    from tests.support.databases import Database

ROWS = 4000
# Some batches of either engine.
MANY = 2500
# Whenever this runs: a yes of a date written here would have expired some day.
LATELY = (datetime.now(UTC) - timedelta(days=90)).date().isoformat()
_LET_GO = Sql("UPDATE import_job SET held_until = 0 WHERE organisation_id = :organisation")


def _file(folder: Path, rows: int = ROWS, scan: str = "scan") -> Path:
    path = folder / "contacts.csv"
    lines = ["email,purpose,answer,decided_at,evidence"]
    for number in range(rows):
        answer = "refused" if number % 4 == 0 else "granted"
        lines.append(f"p{number}@people.example,newsletter,{answer},{LATELY},{scan} {number}")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.timeout(300)
def test_kill_9_in_mid_file_loses_nothing_and_doubles_nothing(
    database: Database, tmp_path: Path
) -> None:
    with serving(database, tmp_path / "data") as client:
        deployment = client.running.deployment
        assert deployment.worker is not None
        deployment.worker.kill()
        job = _killed_in_the_middle(client, _file(tmp_path))
        # Whoever held it is gone; a minute later anybody may go on. Not in this test.
        done = json.loads(_resumed(client, job))
        assert (done["state"], done["rows"]) == ("done", ROWS)
        assert (done["new"], done["unchanged"], done["refused"]) == (ROWS, 0, 0)
        again = json.loads(client.running.command("import", str(_file(tmp_path)),
            "--apply", "--source", "old-tool", "--json"))  # fmt: skip
        assert (again["new"], again["unchanged"]) == (0, ROWS)
        deployment.start_worker()
        _each_has_one_event(client)
        assert client.running.command("fsck").strip() == "Clean."
        for number, because in ((0, "refused"), (1, "consent"), (ROWS - 1, "consent")):
            said = client.running.ask({"email": f"p{number}@people.example"})
            assert said["because"] == because


@pytest.mark.timeout(300)
def test_kill_9_of_the_worker_in_mid_file_too(database: Database, tmp_path: Path) -> None:
    with serving(database, tmp_path / "data") as client:
        # Too large to be waited for: the worker carries it on.
        file = _file(tmp_path, MANY, "scan in the archive " * 9)
        path = "/v1/imports?source=old-tool&dry_run=false"
        sent = client.post(path, file.read_bytes(), Content_Type="text/csv")
        assert sent.status == 202, sent.content
        for least in (0, MANY // 4):
            before = _until(client, partial(_is_beyond, least))
            worker = client.running.deployment.worker
            assert worker is not None
            worker.kill()
            assert before["progress"] < 1, "it was killed too late to show anything"
            _a_minute_later(client)
            client.running.deployment.start_worker()
        done = _until(client, _is_done)
        assert (done["rows"], done["new"], done["refused"]) == (MANY, MANY, 0)
        _each_has_one_event(client, MANY)
        assert client.running.command("fsck").strip() == "Clean."


def _is_beyond(least: int, job: Body) -> bool:
    return bool(job["rows"] > least)


def _is_done(job: Body) -> bool:
    return bool(job["state"] == "done")


def _until(client: Client, right: Callable[[Body], bool]) -> Body:
    job: Body = {}
    for _ in range(6000):
        job = client.get("/v1/imports").json["imports"][0]
        if right(job):
            return job
        time.sleep(0.01)
    raise AssertionError(f"it stayed as it is: {job}")


def _a_minute_later(client: Client) -> None:
    """Let go of what the dead held, as the minute would that this test does not wait for."""
    with create_app(client.running.deployment.settings).app_context():
        with read() as tx:
            own = organisations.find(tx, client.running.slug)
        assert own is not None
        with write(own) as tx:
            tx.run(_LET_GO, {"organisation": own})
        db.engine.dispose()


def _killed_in_the_middle(client: Client, file: Path) -> str:
    environment = client.running.deployment.environment
    words = [str(CONSENT), "import", str(file), "--apply", "--source", "old-tool"]
    running = subprocess.Popen(
        words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _ in range(600):
        jobs = client.get("/v1/imports").json["imports"]
        if jobs and 0 < jobs[0]["progress"] < 1 and jobs[0]["rows"]:
            os.kill(running.pid, signal.SIGKILL)
            running.wait()
            (job,) = client.get("/v1/imports").json["imports"]
            assert job["state"] == "running", job
            return str(job["id"])
        assert running.poll() is None, "it ended before it was killed"
        time.sleep(0.01)
    raise AssertionError("it never began")


def _resumed(client: Client, job: str) -> str:
    for _ in range(80):
        done = client.running.deployment.run("import", "--resume", job, "--json")
        if done.returncode == 0:
            return str(done.stdout)
        assert "carries this import on" in done.stderr, done.stderr
        time.sleep(1)
    raise AssertionError("nobody let go of it")


def _each_has_one_event(client: Client, rows: int = ROWS) -> None:
    events: list[dict[str, Any]] = []
    for _ in range(200):
        events = [each for each in client.events() if each["type"].startswith("consent.")]
        if len(events) >= rows:
            break
        time.sleep(0.2)
    assert len(events) == len({each["subject"] for each in events}) == rows
