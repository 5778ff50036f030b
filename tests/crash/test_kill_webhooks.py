"""Kill -9 of the worker while it tells a receiver: nothing lost, nothing invented, in order."""

from __future__ import annotations

import json
import random
import time
from typing import TYPE_CHECKING

import pytest

from tests.crash.conftest import serving
from tests.support.receiver import Receiver

if TYPE_CHECKING:
    from pathlib import Path

    from tests.crash.wire import Client
    from tests.support.databases import Database

TYPES = ("consent.granted", "consent.withdrawn")
PEOPLE = 12


@pytest.mark.timeout(300)
def test_security_107_and_wh_kill_9_in_mid_delivery_loses_and_invents_nothing(
    database: Database, tmp_path: Path
) -> None:
    with (
        Receiver() as receiver,
        serving(database, tmp_path / "data", CONSENT_CALLABLE=receiver.pair) as client,
    ):
        words = [word for kind in TYPES for word in ("--event", kind)]
        added = client.running.command("webhooks", "add", receiver.url, *words, "--json")
        acknowledged: set[str] = set()
        for cycle in range(4):
            acknowledged |= _change_minds(client, cycle)
            time.sleep(random.uniform(0.1, 0.5))
            deployment = client.running.deployment
            assert deployment.worker is not None
            deployment.worker.kill()
            # A lease that its holder took to the grave ends by itself; not for this test.
            _end_leases(client)
            deployment.start_worker()
        feed = _wait_for_all(client, receiver, acknowledged)
    _every_event_arrived(feed, receiver)
    _each_persons_in_order(feed, receiver)
    receiver.read(json.loads(added)["secret"])


def _change_minds(client: Client, cycle: int) -> set[str]:
    """Let everybody answer anew; gives the decisions that were recorded."""
    recorded = set()
    answer = "granted" if cycle % 2 == 0 else "refused"
    for number in range(PEOPLE):
        body = {
            "subject": {"email": f"p{number}@people.example"},
            "choices": {"newsletter": answer},
            "notice_version": client.running.form,
            "source": "website-form",
            "assertion": "witnessed",
        }
        said = client.post("/v1/decisions", body)
        # A yes after a no needs to be newer than it; whatever is stored is what is told.
        assert said.status in {201, 409}
        if said.status == 201:
            recorded.add(said.json["id"])
    return recorded


def _end_leases(client: Client) -> None:
    (hook,) = json.loads(client.running.command("webhooks", "list", "--json"))
    client.running.command("webhooks", "enable", hook["id"])


def _wait_for_all(
    client: Client, receiver: Receiver, acknowledged: set[str]
) -> list[dict[str, object]]:
    """Wait until the feed has every decision, and the receiver what it asked for of it."""
    wanted: list[dict[str, object]] = []
    for _ in range(600):
        feed = client.events()
        wanted = [each for each in feed if each["type"] in TYPES]
        told = {each["id"] for each in wanted} <= set(receiver.ids)
        # The last ones may not have their place in the feed yet.
        if told and {each.get("decision") for each in feed} >= acknowledged:
            return wanted
        time.sleep(0.1)
    return wanted


def _every_event_arrived(feed: list[dict[str, object]], receiver: Receiver) -> None:
    assert len(feed) >= 2 * PEOPLE
    assert set(receiver.ids) == {each["id"] for each in feed}


def _each_persons_in_order(feed: list[dict[str, object]], receiver: Receiver) -> None:
    first = list(dict.fromkeys(receiver.ids))
    for person in {each["subject"] for each in feed}:
        told = [each["id"] for each in feed if each["subject"] == person]
        assert [name for name in first if name in set(told)] == told
