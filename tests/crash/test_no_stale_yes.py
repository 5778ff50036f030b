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
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.crash import checks
from tests.crash.conftest import serving
from tests.crash.wire import UNANSWERED
from tests.support.history import Lookup, Write, unexplained

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.crash.wire import Answer, Body, Client
    from tests.support.databases import Database

THREADS = 8
ASKED_FOR = int(os.environ.get("CONSENT_HISTORY", "0"))
OPERATIONS = ASKED_FOR or 2400
# With a kill now and then; each costs a start.
OPERATIONS_KILLED = ASKED_FOR or 400
KILLS = max(2, ASKED_FOR // 5000)
# Few, so that many meet at each.
PEOPLE = 4 + ASKED_FOR // 2500
PURPOSE = "newsletter"
PAPER = "form 12, kept on paper"


class Person:
    """One of those whom everybody writes and asks about at once."""

    def __init__(self, client: Client, email: str) -> None:
        self.client = client
        self.email = email
        self.link = client.running.link(email, PURPOSE)
        self.last_no: Body | None = None
        self.history: list[Write | Lookup] = []

    def ask(self) -> None:
        began = time.monotonic_ns()
        answer = self._sent(began, lambda: self.client.ask(self.email, PURPOSE))
        if answer is None:
            return
        self._see(began, answer.json["allowed"], self._right(answer, 200)["decision"])

    def grant(self) -> None:
        self._tell("granted", evidence=PAPER, assertion="evidenced")

    def grant_after_the_last_no(self) -> None:
        """Say yes as of the last no that is known, and name it: a later no stands."""
        no = self.last_no
        if no is not None:
            named = {"previous": no["id"], "decided_at": no["recorded_at"]}
            self._tell("granted", evidence=PAPER, assertion="evidenced", **named)

    def withdraw(self) -> None:
        written = self._tell("withdrawn", assertion="asserted")
        if written is not None:
            self.last_no = written

    def leave(self) -> None:
        began = time.monotonic_ns()
        answer = self._sent(began, lambda: self.client.one_click(self.link), yes=False)
        if answer is not None:
            self._right(answer, 200)
            self._write(began, yes=False)

    def _tell(self, choice: str, **but: str) -> Body | None:
        body = {
            "subject": {"email": self.email},
            "choices": {PURPOSE: choice},
            "notice_version": self.client.running.form,
            "source": "website-form",
            **but,
        }
        began = time.monotonic_ns()
        yes = choice == "granted"
        answer = self._sent(began, lambda: self.client.post("/v1/decisions", body), yes=yes)
        if answer is None:
            return None
        if answer.status == 409:
            assert answer.json["code"] == "later_no", answer.content
            return None
        written: Body = self._right(answer, 201)
        yes = written["standing"][PURPOSE] == "granted"
        if yes == (choice == "granted"):
            self._write(began, yes=yes, decision=written["id"])
        else:
            # Recorded, and outlived by a no: that answer is as binding as a lookup's.
            self._see(began, yes, None)
        return written

    def _sent(
        self, began: int, send: Callable[[], Answer], *, yes: bool | None = None
    ) -> Answer | None:
        """Send; None if whoever it went to is gone, and then a write may have happened."""
        try:
            answer = send()
        except ConnectionRefusedError:
            # Nobody listens: nothing was sent.
            time.sleep(0.05)
            return None
        except UNANSWERED:
            answer = None
        # What a server that dies answers is no answer either: its database was cut off.
        if answer is None or answer.status == 503:
            if yes is not None:
                self.history.append(Write(subject=self.email, yes=yes, began=began, ended=None))
            return None
        return answer

    def _write(self, began: int, *, yes: bool, decision: str | None = None) -> None:
        ended = time.monotonic_ns()
        self.history.append(
            Write(subject=self.email, yes=yes, began=began, ended=ended, decision=decision)
        )

    def _see(self, began: int, yes: bool, decision: str | None) -> None:
        ended = time.monotonic_ns()
        self.history.append(
            Lookup(subject=self.email, yes=yes, began=began, ended=ended, decision=decision)
        )

    def _right(self, answer: Answer, status: int) -> Any:
        assert answer.status == status, answer.content
        return answer.json if answer.headers["content-type"] == "application/json" else None


@pytest.mark.timeout(300 + ASKED_FOR)
def test_security_9_and_14_no_answer_is_stale_whoever_writes_and_asks_at_once(
    busy: Client,
) -> None:
    history = lived(busy, OPERATIONS)
    _much_happened(history, 100)


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
    people = [Person(client, f"person-{number}@people.example") for number in range(PEOPLE)]

    def live(seed: int) -> None:
        dice = random.Random(seed)
        # Only what the history tells is counted: not a yes that was refused for a later no, nor
        # what was sent while nobody listened.
        while (done := sum(len(person.history) for person in people)) < operations:
            if kills is not None:
                kills.when(done / operations)
            dice.choices(_DEEDS, _WEIGHTS)[0](dice.choice(people))

    begun = time.monotonic()
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(live, range(THREADS)))
    took = time.monotonic() - begun
    if kills is not None:
        kills.end()
    for person in people:
        # Once all is quiet: no withdrawal was lost on the way.
        person.ask()
    history = [operation for person in people for operation in person.history]
    begun = time.monotonic()
    assert list(unexplained(history)) == []
    say(
        f"{len(history)} operations on {PEOPLE} people in {took:.0f} s,"
        f" checked in {time.monotonic() - begun:.2f} s, none unexplained"
    )
    checks.clean(client)
    return history


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
