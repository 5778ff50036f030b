"""Kill -9 in the middle of erasures: each person is whole or gone, and told of once."""

from __future__ import annotations

import json
import random
import time
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from tests.crash import checks
from tests.crash.wire import UNANSWERED, Client

if TYPE_CHECKING:
    from tests.crash.wire import Body

PEOPLE = 60
LEAST = 5


class Erasing:
    """Erases people one after the other until nobody answers."""

    def __init__(self, client: Client, people: list[str]) -> None:
        self.client, self.people = client, people
        self.acknowledged: list[tuple[str, Body]] = []
        self._thread = Thread(target=self._run)
        self._thread.start()

    def wait_for(self, least: int) -> None:
        while len(self.acknowledged) < least:
            assert self._thread.is_alive()
            time.sleep(0.005)

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        for email in self.people:
            body = {"subject": {"email": email}, "reason": "asked by letter"}
            try:
                answer = self.client.post("/v1/subjects/erase", body)
            except UNANSWERED:
                return
            assert answer.status == 200, answer.content
            self.acknowledged.append((email, answer.json))


@pytest.mark.timeout(300)
def test_kill_9_in_mid_erase_leaves_all_or_nothing(client_of_mortals: Client) -> None:
    client = client_of_mortals
    running = client.running
    people = [f"p{number}@people.example" for number in range(PEOPLE)]
    for email in people:
        running.agree(email)
    erasing = Erasing(client, people)
    # By how far it has come, not by the clock: a quick machine would be through.
    erasing.wait_for(random.randint(LEAST, PEOPLE // 2))
    time.sleep(random.uniform(0, 0.01))
    running.deployment.kill()
    erasing.join()
    running.deployment.start()

    gone = dict(erasing.acknowledged)
    whole = 0
    for email in people:
        because = client.ask(email).json["because"]
        assert because in ({"erased"} if email in gone else {"erased", "consent"}), email
        whole += because == "consent"
    assert whole > 0, "it was killed too late to show anything"
    # What was acknowledged is in the journal, flushed before it was committed.
    lines = (running.deployment.data / "journal" / "erasures.jsonl").read_text().splitlines()
    told = {json.loads(line)["erasure"] for line in lines}
    assert {answer["erasure"] for answer in gone.values()} <= told
    again = [client.post("/v1/subjects/erase", {"subject": {"email": email}, "reason": "x"})
             for email in people]  # fmt: skip
    assert {answer.status for answer in again} == {200}
    assert sum(answer.json["erased"] for answer in again) == whole
    events = _erased(client, PEOPLE)
    assert len({event["subject"] for event in events}) == len(events) == PEOPLE
    checks.clean(client)


def _erased(client: Client, least: int) -> list[Body]:
    until = time.monotonic() + checks.PATIENCE
    while True:
        found = [each for each in client.events() if each["type"] == "subject.erased"]
        if len(found) >= least:
            return found
        assert time.monotonic() < until
        time.sleep(0.1)
