"""Kill -9 of the worker amid a list: it goes on, and the clearance is of the whole."""

from __future__ import annotations

import hashlib
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.running import somebody

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.crash.wire import Client
    from tests.support.running import Running

JOBS = "/v1/permissions/jobs"
LINES = 40_000


@pytest.mark.timeout(300)
def test_a_list_survives_the_death_of_whoever_answers_it(client_of_mortals: Client) -> None:
    running = client_of_mortals.running
    yes = somebody()
    running.agree(yes)
    question = f"email\n{yes}\n" + "".join(f"p{n}@people.example\n" for n in range(LINES))
    job = _killed_in_the_middle(running, question)

    def state() -> Any:
        return _state(running, job)

    assert running.http.get(f"{JOBS}/{job}/result", headers=running.headers).status_code == 409
    running.deployment.start_worker()
    done = _once(state, lambda said: said["state"] != "running")
    assert (done["state"], done["asked"]) == ("done", LINES + 1)
    assert done["counts"] == {"consent": 1, "never_asked": LINES}
    result = running.http.get(f"{JOBS}/{job}/result", headers=running.headers)
    assert len(result.text.splitlines()) == LINES + 2
    place = f"/v1/clearances/{done['clearance']}"
    clearance = running.http.get(place, headers=running.headers).json()
    assert clearance["answer_sha256"] == hashlib.sha256(result.content).hexdigest()
    assert clearance["question_sha256"] == hashlib.sha256(question.encode()).hexdigest()


def _killed_in_the_middle(running: Running, question: str) -> str:
    """Leave a list and kill whoever answers it; again, if that was too late."""
    for _ in range(5):
        answer = running.http.post(
            f"{JOBS}?purpose=newsletter",
            content=question.encode(),
            headers={**running.headers, "Content-Type": "text/csv"},
        )
        job = str(answer.json()["id"])
        _once(partial(_state, running, job), lambda said: bool(said["asked"]))
        worker = running.deployment.worker
        assert worker is not None
        worker.kill()
        if _state(running, job)["state"] == "running":
            return job
        running.deployment.start_worker()
    raise AssertionError("it was always killed too late")


def _state(running: Running, job: str) -> Any:
    return running.http.get(f"{JOBS}/{job}", headers=running.headers).json()


def _once(state: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
    said = state()
    for _ in range(12_000):
        if wanted(said):
            return said
        assert said["state"] != "failed", said
        time.sleep(0.01)
        said = state()
    raise AssertionError(said)
