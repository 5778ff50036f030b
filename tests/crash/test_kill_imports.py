"""Kill -9 of whoever carries an import on: nothing lost, nothing doubled, resumed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.crash.conftest import serving
from tests.support.nursery import CONSENT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.crash.wire import Client
    from tests.support.databases import Database

ROWS = 4000


def _file(folder: Path) -> Path:
    path = folder / "contacts.csv"
    lines = ["email,purpose,answer,decided_at,evidence"]
    for number in range(ROWS):
        answer = "refused" if number % 4 == 0 else "granted"
        lines.append(f"p{number}@people.example,newsletter,{answer},2026-03-01,scan {number}")
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


def _each_has_one_event(client: Client) -> None:
    events: list[dict[str, Any]] = []
    for _ in range(200):
        events = [each for each in client.events() if each["type"].startswith("consent.")]
        if len(events) >= ROWS:
            break
        time.sleep(0.2)
    assert len(events) == len({each["subject"] for each in events}) == ROWS
