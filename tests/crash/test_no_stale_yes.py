"""After a withdrawal is acknowledged no answer says yes, whoever asks whom (promise 2).

At the size asked for, on both engines, with the figures printed:

    CONSENT_HISTORY=50000 .venv/bin/pytest -n 0 -s tests/crash/test_no_stale_yes.py
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.crash import checks
from tests.crash.conftest import serving
from tests.crash.lives import Crowd, Lists, Person, Visitor
from tests.support.history import Lookup, Write, unexplained

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.crash.wire import Client
    from tests.support.databases import Database

THREADS = 8
ASKED_FOR = int(os.environ.get("CONSENT_HISTORY", "0"))
OPERATIONS = ASKED_FOR or 2400
# With a kill now and then; each costs a start.
OPERATIONS_KILLED = ASKED_FOR or 400
KILLS = max(2, ASKED_FOR // 5000)
# Few, so that many meet at each.
PEOPLE = 4 + ASKED_FOR // 2500
# Who choose at the same moment.
VISITORS = 12


@pytest.mark.timeout(300 + ASKED_FOR)
def test_security_9_and_14_no_answer_is_stale_whoever_writes_and_asks_at_once(
    busy: Client,
) -> None:
    history = lived(busy, OPERATIONS)
    _much_happened(history, 100)
    # Or lists were answered from the facts alone.
    assert checks.briefs_of(busy) > 0


@pytest.mark.timeout(300 + ASKED_FOR)
def test_security_9_and_14_nor_if_server_and_worker_are_killed_in_between(
    database: Database, tmp_path: Path
) -> None:
    with serving(database, tmp_path / "data", CONSENT_WORKERS="3") as client:
        with killed_now_and_then(client) as kills:
            history = lived(client, OPERATIONS_KILLED, kills)
        assert kills.done == KILLS
        unanswered = [each for each in history if each.ended is None]
        say(f"{KILLS} kills, {len(unanswered)} writes without an answer")
        _much_happened(history, 5)


def lived(client: Client, operations: int, kills: Kills | None = None) -> list[Write | Lookup]:
    """Let many threads write and ask at once; gives the history, once it is found true."""
    many = Many(client)
    with closing(many):
        took, history = _lived(many, operations, kills)
    begun = time.monotonic()
    assert list(unexplained(history)) == []
    say(
        f"{len(history)} operations on {PEOPLE} people and {2 * VISITORS} visitors in"
        f" {took:.0f} s, checked in {time.monotonic() - begun:.2f} s, none unexplained:"
        f" {sum(map(len, many.crowds))} of visitors who met, {len(many.lists)} answers in lists"
    )
    checks.clean(client)
    return history


def _lived(
    many: Many, operations: int, kills: Kills | None
) -> tuple[float, list[Write | Lookup]]:
    def live(seed: int) -> None:
        dice = random.Random(seed)
        # Only what the history tells is counted: not a yes that was refused for a later no, nor
        # what was sent while nobody listened.
        while (done := len(many)) < operations:
            if kills is not None:
                kills.when(done / operations)
            many.act(seed, dice)

    begun = time.monotonic()
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(live, range(THREADS)))
    took = time.monotonic() - begun
    if kills is not None:
        kills.end()
    return took, many.at_last()


class Many:
    """All who write and are asked about: people one by one, visitors who meet, and lists."""

    def __init__(self, client: Client) -> None:
        self.people = [
            Person(client, f"person-{number}@people.example") for number in range(PEOPLE)
        ]
        self.crowds = [Crowd(client, VISITORS) for _ in range(2)]
        self.lists = Lists(client, self.people)

    def act(self, thread: int, dice: random.Random) -> None:
        """Do one thing; crowds and lists have a thread each, and no more than their part."""
        part = sum(len(each.history) for each in self.people)
        if thread < len(self.crowds) and len(self.crowds[thread]) < part // 2:
            self.crowds[thread].turn(dice)
        elif thread == len(self.crowds) and len(self.lists) < part:
            self.lists.ask()
        else:
            dice.choices(_DEEDS, _WEIGHTS)[0](dice.choice(self.people))

    def at_last(self) -> list[Write | Lookup]:
        """Ask about everybody once all is quiet, by every way; gives the history."""
        told: list[Person | Visitor] = [*self.people]
        for person in self.people:
            # No withdrawal was lost on the way.
            person.ask()
        for visitor in [each for crowd in self.crowds for each in crowd.visitors]:
            visitor.ask_anew()
            told.append(visitor)
        self.lists.ask()
        return [*self.lists.history, *(each for one in told for each in one.history)]

    def close(self) -> None:
        """Let go of what the visitors keep."""
        for crowd in self.crowds:
            crowd.close()

    def __len__(self) -> int:
        # A list tells of many at once: it comes on top.
        return sum(len(each.history) for each in self.people) + sum(map(len, self.crowds))


class Kills:
    """Server and worker killed -9 at even distances, and started again."""

    def __init__(self, client: Client) -> None:
        self.done = 0
        self._deployment = client.running.deployment
        self._due = threading.Semaphore(0)
        self._asked = 0
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self.thread = threading.Thread(target=self._kill)

    def when(self, part: float) -> None:
        """Kill once more if so much of the history is over."""
        with self._lock:
            if self._asked < KILLS and part >= (self._asked + 1) / (KILLS + 1):
                self._asked += 1
                self._due.release()

    def end(self) -> None:
        """Wait until what was due is done and the server answers."""
        self._ended.set()
        self._due.release()
        self.thread.join()

    def _kill(self) -> None:
        while True:
            self._due.acquire()
            if self._ended.is_set() and self.done == self._asked:
                return
            self._deployment.kill()
            self._deployment.start()
            self.done += 1


@contextmanager
def killed_now_and_then(client: Client) -> Iterator[Kills]:
    """Give the killer, at work."""
    kills = Kills(client)
    kills.thread.start()
    try:
        yield kills
    finally:
        if kills.thread.is_alive():
            kills.end()


def say(text: str) -> None:
    """Print a figure, if somebody asked for them."""
    if ASKED_FOR:
        print(f"\n{text}", flush=True)  # noqa: T201 - figures that were asked for


_DEEDS: list[Callable[[Person], object]] = [
    Person.ask,
    Person.grant,
    Person.grant_after_the_last_no,
    Person.withdraw,
    Person.leave,
]
_WEIGHTS = [60, 10, 10, 10, 10]


def _much_happened(history: list[Write | Lookup], least: int) -> None:
    # A history in which nobody ever agreed or left would prove nothing.
    seen = Counter((type(each).__name__, each.yes) for each in history)
    say(f"{dict(seen)}")
    counts = [seen[what, yes] for what in ("Write", "Lookup") for yes in (True, False)]
    assert min(counts) > least
