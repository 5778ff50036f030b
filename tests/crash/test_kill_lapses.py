"""Kill -9 of the worker while it tells what has expired: each once, none left out."""

from __future__ import annotations

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from consent_server.clock import rfc3339
from tests.crash import checks
from tests.crash.conftest import serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.crash.wire import Client
    from tests.support.databases import Database

PEOPLE = 400
# The validity of the purpose, and how long after it was said each yes ends.
LASTS = 3
SECONDS = 12


@pytest.mark.timeout(300)
def test_kill_9_while_expiry_is_told_loses_and_doubles_nothing(
    database: Database, tmp_path: Path
) -> None:
    with serving(database, tmp_path / "data") as client:
        deployment = client.running.deployment
        # All of them have ended before anybody looks: so all are told of while it is killed.
        assert deployment.worker is not None
        deployment.worker.kill()

        def agree(number: int) -> datetime:
            ends = datetime.now(UTC) + timedelta(seconds=SECONDS + number % 3)
            body = {
                "subject": {"email": f"p{number}@people.example"},
                "choices": {"newsletter": "granted"},
                "notice_version": client.running.form,
                "source": "paper",
                "assertion": "evidenced",
                "evidence": "form 12",
                "decided_at": rfc3339(_years_before(ends)),
            }
            answer = client.post("/v1/decisions", body)
            assert answer.status == 201, answer.content
            assert answer.json["standing"] == {"newsletter": "granted"}
            return ends

        with ThreadPoolExecutor(6) as threads:
            last = max(threads.map(agree, range(PEOPLE)))
        time.sleep(max(0.0, (last - datetime.now(UTC)).total_seconds()))
        for _ in range(4):
            deployment.worker.kill()
            deployment.start_worker()
            time.sleep(random.uniform(1.5, 3))
        told = _wait_for_all(client)
        assert Counter(told.values()) == {1: PEOPLE}
        checks.clean(client)


def _years_before(ends: datetime) -> datetime:
    """Give the moment whose yes ends then."""
    try:
        return ends.replace(year=ends.year - LASTS)
    except ValueError:
        pytest.skip("no yes of three years ends on the 29th of February")


def _wait_for_all(client: Client) -> Counter[str]:
    told: Counter[str] = Counter()
    for _ in range(300):
        events = client.events()
        told = Counter(each["subject"] for each in events if each["type"] == "consent.expired")
        if len(told) >= PEOPLE:
            return told
        time.sleep(0.1)
    return told
