"""Kill -9, in the middle of writes: what was acknowledged is there, once (promise 1)."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.crash import checks
from tests.crash.log import log_of
from tests.crash.wire import Chosen, Client, Writers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consent_server.ledger.checkpoint import Checkpoint
    from tests.crash.log import Log
    from tests.crash.wire import Body
    from tests.support.databases import Engine

CYCLES = {"sqlite": 10, "postgresql": 4}
# What security.md, test 1, asks of each cycle.
LEAST = 20


@pytest.mark.timeout(300)
def test_security_1_and_2_kill_9_loses_doubles_and_halves_nothing_acknowledged(
    client_of_mortals: Client, engine: Engine
) -> None:
    client = client_of_mortals
    log = log_of(client.running)
    known: list[Chosen] = []
    for cycle in range(CYCLES[engine]):
        written, seen = _write_until_killed(client, log, cycle)
        client.running.deployment.start()
        checks.answered_again(client, written.acknowledged)
        log.extends(seen)
        known += written.acknowledged + _sent_again(client, written.unanswered)
    checks.answered_again(client, known)
    decisions = [each.answer.json for each in known]
    checks.integrated(client, decisions)
    checks.told_once(client, decisions)
    checks.clean(client)


def _write_until_killed(client: Client, log: Log, cycle: int) -> tuple[Writers, Checkpoint]:
    deployment = client.running.deployment
    with Writers(client) as writers:
        writers.wait_for(LEAST)
        if cycle % 3 == 1:
            # The master goes on with a new process in its place.
            _kill_one_process_of_the_server(client)
            writers.wait_for(LEAST)
        if cycle % 3 == 2:
            assert deployment.worker is not None
            deployment.worker.kill()
            writers.wait_for(LEAST)
        if cycle == 0:
            # Twenty may be acknowledged before the worker has looked once.
            log.begins()
        seen = log.head()
        time.sleep(random.uniform(0, 0.3))
        deployment.kill()
    assert writers.refused == []
    return writers, seen


def _kill_one_process_of_the_server(client: Client) -> None:
    server = client.running.deployment.server
    assert server is not None
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    os.kill(int(random.choice(children)), signal.SIGKILL)


def _sent_again(client: Client, unanswered: Sequence[Body]) -> list[Chosen]:
    """Whether it had been written or not, a retry is answered as if it were the first."""
    answers = [Chosen(body, client.choose(body)) for body in unanswered]
    assert [each.answer.status for each in answers] == [201] * len(answers)
    return answers
