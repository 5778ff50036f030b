"""After a withdrawal is acknowledged no answer says yes, whoever asks whom (promise 2)."""

from __future__ import annotations

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from tests.crash import checks
from tests.support.history import Lookup, Write, unexplained

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.crash.wire import Answer, Body, Client

PEOPLE = [f"person-{number}@people.example" for number in range(4)]
THREADS = 8
EACH = 300
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
        answer = self.client.ask(self.email, PURPOSE)
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
        self._right(self.client.one_click(self.link), 200)
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
        answer = self.client.post("/v1/decisions", body)
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


def test_security_9_and_14_no_answer_is_stale_whoever_writes_and_asks_at_once(
    busy: Client,
) -> None:
    people = [Person(busy, email) for email in PEOPLE]

    def live(seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(EACH):
            person = dice.choice(people)
            dice.choices(_DEEDS, _WEIGHTS)[0](person)

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(live, range(THREADS)))
    for person in people:
        # Once all is quiet: no withdrawal was lost on the way.
        person.ask()
    history = [operation for person in people for operation in person.history]
    assert list(unexplained(history)) == []
    _much_happened(history)
    checks.clean(busy)


_DEEDS: list[Callable[[Person], object]] = [
    Person.ask,
    Person.grant,
    Person.grant_after_the_last_no,
    Person.withdraw,
    Person.leave,
]
_WEIGHTS = [60, 10, 10, 10, 10]


def _much_happened(history: list[Write | Lookup]) -> None:
    # A history in which nobody ever agreed or left would prove nothing.
    seen = Counter((type(each).__name__, each.yes) for each in history)
    assert min(seen[what, yes] for what in ("Write", "Lookup") for yes in (True, False)) > 100
