"""Those of whom a history tells: written and asked about at once, by every way there is."""

from __future__ import annotations

import json
import selectors
import time
from csv import DictReader
from typing import TYPE_CHECKING, Any, Final

from tests.crash.wire import UNANSWERED, Kept
from tests.support.history import Lookup, Write

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from tests.crash.wire import Answer, Body, Client

PURPOSE: Final = "newsletter"
TRACKER: Final = "analytics"
PAPER: Final = "form 12, kept on paper"
# Of a list: enough for the worker to make briefs (permissions/bulk/clearance.py).
LINES: Final = 1000


class Told:
    """One subject's part of the history."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.history: list[Write | Lookup] = []

    def wrote(self, began: int, *, yes: bool, decision: str | None = None) -> None:
        """Tell of a write that was acknowledged by now."""
        ended = time.monotonic_ns()
        self.history.append(
            Write(subject=self.subject, yes=yes, began=began, ended=ended, decision=decision)
        )

    def may_have_written(self, began: int, *, yes: bool) -> None:
        """Tell of a write that nobody answered."""
        self.history.append(Write(subject=self.subject, yes=yes, began=began, ended=None))

    def saw(self, began: int, yes: bool, decision: str | None) -> None:
        """Tell of an answer that has come by now."""
        ended = time.monotonic_ns()
        self.history.append(
            Lookup(subject=self.subject, yes=yes, began=began, ended=ended, decision=decision)
        )


class Person(Told):
    """One of those whom everybody writes and asks about at once, on new connections."""

    def __init__(self, client: Client, email: str) -> None:
        super().__init__(email)
        self.client = client
        self.link = client.running.link(email, PURPOSE)
        self.last_no: Body | None = None

    def ask(self) -> None:
        began = time.monotonic_ns()
        answer = self._sent(began, lambda: self.client.ask(self.subject, PURPOSE))
        if answer is None:
            return
        self.saw(began, answer.json["allowed"], self._right(answer, 200)["decision"])

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
            self.wrote(began, yes=False)

    def _tell(self, choice: str, **but: str) -> Body | None:
        body = {
            "subject": {"email": self.subject},
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
            self.wrote(began, yes=yes, decision=written["id"])
        else:
            # Recorded, and outlived by a no: that answer is as binding as a lookup's.
            self.saw(began, yes, None)
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
                self.may_have_written(began, yes=yes)
            return None
        return answer

    def _right(self, answer: Answer, status: int) -> Any:
        assert answer.status == status, answer.content
        return answer.json if answer.headers["content-type"] == "application/json" else None


class Visitor(Told):
    """A visitor whose page keeps one connection, or makes one for each request, and who is
    asked about on another."""

    def __init__(self, client: Client, *, kept: bool) -> None:
        self._choice = client.running.choice()
        super().__init__(str(self._choice["visitor"]))
        self._client, self._more = client, {} if kept else {"Connection": "close"}
        self.page, self._system = Kept(client.port), Kept(client.port)
        self._previous: str | None = None
        self._began = 0
        self._yes = False

    def choose(self, *, yes: bool) -> bool:
        """Send a choice, and do not wait; tells whether it went."""
        running = self._client.running
        followed = {"previous": self._previous} if self._previous else {}
        action = "accept_all" if yes else "refuse_all"
        self._choice = running.choice(action, visitor=self.subject, **followed)
        self._yes, self._began = yes, time.monotonic_ns()
        path = f"/v1/sites/{running.site}/decisions"
        return self._wrote(
            lambda: self.page.send(path, self._choice, Origin=running.origin, **self._more)
        )

    def hear(self) -> bool:
        """Take the answer to it; tells whether there was one."""
        answer: list[Answer] = []
        if not self._wrote(lambda: answer.append(self.page.answer())):
            return False
        assert answer[0].status in {201, 503}, answer[0].content
        if answer[0].status == 503:
            self.may_have_written(self._began, yes=self._yes)
            return False
        written = answer[0].json
        assert (written["standing"][TRACKER] == "granted") == self._yes, written
        self.wrote(self._began, yes=self._yes, decision=written["id"])
        self._previous = self._choice["id"]
        return True

    def ask(self) -> bool:
        """Have her asked about, and do not wait."""
        self._began = time.monotonic_ns()
        question = {"subject": {"visitor": self.subject}, "purpose": TRACKER}
        headers = self._client.running.headers
        try:
            self._system.send("/v1/permissions", question, **headers)
        except UNANSWERED:
            return False
        return True

    def learn(self) -> None:
        """Take the answer about her."""
        try:
            answer = self._system.answer()
        except UNANSWERED:
            return
        if answer.status != 503:
            assert answer.status == 200, answer.content
            self.saw(self._began, answer.json["allowed"], answer.json["decision"])

    def ask_anew(self) -> None:
        """Have her asked about on a new connection, to the end."""
        self._system.close()
        assert self.ask()
        self.learn()

    def close(self) -> None:
        self.page.close()
        self._system.close()

    def _wrote(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except ConnectionRefusedError:
            time.sleep(0.01)
            return False
        except UNANSWERED:
            self.may_have_written(self._began, yes=self._yes)
            return False
        return True


class Crowd:
    """Visitors who choose at the same moment, so that their choices meet in a group.

    Each is asked about in the instant in which she is answered: who is answered before the
    group is durable is found out then.
    """

    def __init__(self, client: Client, size: int) -> None:
        self.visitors = [Visitor(client, kept=number % 3 != 0) for number in range(size)]

    def turn(self, dice: random.Random) -> None:
        """Let all of them choose once."""
        with selectors.DefaultSelector() as waiting:
            for each in self.visitors:
                if each.choose(yes=dice.random() < 0.5):
                    waiting.register(each.page.socket, selectors.EVENT_READ, each)
            asked: list[Visitor] = []
            while waiting.get_map():
                for key, _ in waiting.select():
                    waiting.unregister(key.fileobj)
                    if key.data.hear() and key.data.ask():
                        asked.append(key.data)
        for each in asked:
            each.learn()

    def __len__(self) -> int:
        return sum(len(each.history) for each in self.visitors)

    def close(self) -> None:
        for each in self.visitors:
            each.close()


class Lists:
    """A campaign that asks again and again about everybody, among a thousand strangers."""

    def __init__(self, client: Client, people: Sequence[Person]) -> None:
        self._client, self._people = client, people
        self._told = [Told(each.subject) for each in people]
        # Each stands in the middle of her part of the list.
        self._each = LINES // len(people)
        names = [f"stranger-{number}@nobody.example" for number in range(LINES)]
        for number, person in enumerate(people):
            names[number * self._each + self._each // 2] = person.subject
        self._question = "\n".join(["email", *names, ""]).encode()

    @property
    def history(self) -> list[Write | Lookup]:
        return [each for told in self._told for each in told.history]

    def __len__(self) -> int:
        return sum(len(told.history) for told in self._told)

    def ask(self) -> None:
        """Ask once about everybody."""
        began = time.monotonic_ns()
        try:
            answer = self._client.ask_many(self._question, PURPOSE)
        except UNANSWERED:
            # Gone, or broken off: an answer without an end is none.
            time.sleep(0.05)
            return
        if answer.status == 503:
            return
        assert answer.status == 200, answer.content
        lines = list(DictReader(answer.content.decode().splitlines()))
        assert len(lines) == LINES
        for number, told in enumerate(self._told):
            line = lines[number * self._each + self._each // 2]
            assert line["email"] == told.subject
            told.saw(began, json.loads(line["allowed"]), line["decision"] or None)
