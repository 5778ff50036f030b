"""Writing together: the writers of a process that meet share one transaction, and one flush.

Who comes first leads: it takes the transaction, serves in it everybody who has come by
then, commits once, and only then is anybody answered. Who comes meanwhile waits, and the
first of them leads next. So a flush to disk is paid once for as many as waited for it.
"""

from __future__ import annotations

from contextlib import nullcontext
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar
from weakref import WeakKeyDictionary

import psycopg
from flask import current_app, has_app_context

from ..problems import Problem
from .engines import BUSY_TIMEOUT_MS, CLASHED, TROUBLE
from .opening import once_more, swift_write

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from flask import Flask

    from .transaction import Transaction

Item = TypeVar("Item")
Facts = TypeVar("Facts")
Result = TypeVar("Result")
# A group holds SQLite's write lock for some 3 ms at most, and a lookup beside it waits.
MOST: Final = 16
# How long a leader waits for as many as met just before: of the order of the flush that it
# spares each of them, and far below what a visitor notices.
_GATHERING: Final = 0.002
# Nobody waits for ever: the leader before, and ours, may each have waited for the database.
_PATIENCE: Final = 4 * BUSY_TIMEOUT_MS / 1000


class Member(Generic[Item, Result]):
    """One writer who stands in line: what it wants written, and what became of it."""

    __slots__ = ("_result", "error", "item", "key", "leads", "organisation", "wake")

    def __init__(
        self, organisation: int, key: Hashable, item: Item, wake: Callable[[], None]
    ) -> None:
        self.organisation, self.key, self.item = organisation, key, item
        # Called once: when it was served, or when it has to lead.
        self.wake = wake
        self.leads = False
        self._result: Result | None = None
        # What it is told if nobody comes to serve it.
        self.error: Exception | None = psycopg.OperationalError("the writers did not end")

    def serve(self, result: Result) -> None:
        """Take what was written for it."""
        self._result, self.error = result, None

    @property
    def result(self) -> Result:
        """Give what was written for it; raises what it was refused with."""
        if self.error is not None:
            raise self.error
        return self._result  # type: ignore[return-value] # served, as there is no error


class _Spoilt(Exception):
    """A member was refused after a part of it had been written."""


class Together(Generic[Item, Facts, Result]):
    """One kind of write that several may share a transaction for.

    `ask` reads what all of them need, at once; `act` serves one, in their order. A member
    whose `act` raises a `Problem` has written nothing, and harms nobody. Whatever else goes
    wrong undoes all of it, and each is served again by itself, so `act` must be idempotent;
    but when the database is in trouble, everybody is told so.
    """

    def __init__(
        self,
        ask: Callable[[Transaction, Sequence[Item]], Sequence[Facts]],
        act: Callable[[Transaction, Item, Facts], Result],
    ) -> None:
        self._ask, self._act = ask, act
        self._queues: WeakKeyDictionary[Flask, _Queue] = WeakKeyDictionary()

    def write(
        self, organisation: int, key: Hashable, item: Item, app: Flask | None = None
    ) -> Result:
        """Write an item, durably; those with the same key follow each other.

        `app`, for callers in front of Flask: whose database is meant.
        """
        app = app or _this_app()
        woken = Lock()
        woken.acquire()
        member: Member[Item, Result] = Member(organisation, key, item, woken.release)
        if not self.enter(member, app):
            self._queue(app).wait(member, woken)
        if member.leads:
            self.lead(member, app)
        return member.result

    def enter(self, member: Member[Item, Result], app: Flask) -> bool:
        """Stand in line without waiting there; tells whether it has to lead at once.

        Otherwise it is woken when it was served, or has to lead after all.
        """
        return self._queue(app).join(member)

    def lead(self, member: Member[Item, Result], app: Flask) -> None:
        """Serve whoever stands in line by now, beginning with this one, whose turn it is."""
        with nullcontext() if has_app_context() else app.app_context():
            self._lead(self._queue(app), member)

    def waiting(self) -> int:
        """Tell how many of this process wait to be served."""
        return self._queue(_this_app()).length()

    def _queue(self, app: Flask) -> _Queue:
        return self._queues.get(app) or self._queues.setdefault(app, _Queue())

    def _lead(self, queue: _Queue, first: Member[Item, Result]) -> None:
        group: list[Member[Item, Result]] = []
        try:
            queue.gather()
            with swift_write(first.organisation) as tx:
                # Whoever came while we waited for the writer before is served with us.
                group += queue.take(first)
                self._serve(tx, group)
        except Exception as error:  # noqa: BLE001 - each member raises its own
            if not group:
                group += queue.take(first)
            self._recover(group, error)
        finally:
            queue.hand_on(group)

    def _serve(self, tx: Transaction, group: Sequence[Member[Item, Result]]) -> None:
        facts = self._ask(tx, [member.item for member in group])
        for member, found in zip(group, facts, strict=True):
            mark = tx.mark()
            try:
                member.serve(self._act(tx, member.item, found))
            except Problem as refusal:
                if not tx.forget(mark):
                    raise _Spoilt from refusal
                member.error = refusal

    def _recover(self, group: Sequence[Member[Item, Result]], error: Exception) -> None:
        trouble = isinstance(error, TROUBLE) and not isinstance(error, CLASHED)
        for member in group:
            member.error = error
            if not trouble:
                self._serve_alone(member)

    def _serve_alone(self, member: Member[Item, Result]) -> None:
        def act() -> Result:
            with swift_write(member.organisation) as tx:
                (facts,) = self._ask(tx, [member.item])
                return self._act(tx, member.item, facts)

        try:
            member.serve(once_more(act))
        except Exception as own:  # noqa: BLE001 - raised in its own thread
            member.error = own


def _this_app() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # the app itself
    return app


class _Queue:
    """Those of one process who wait to write, in the order in which they came."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._waiting: list[Member[Any, Any]] = []
        self._led = False
        # How many there were about the last group, and who waits for as many again.
        self._lately = 1
        self._gathers: Lock | None = None

    def length(self) -> int:
        """Count those who wait."""
        return len(self._waiting)

    def join(self, member: Member[Any, Any]) -> bool:
        """Stand at the end; tells whether nobody leads, so that this one does."""
        with self._guard:
            self._waiting.append(member)
            if self._gathers and len(self._waiting) >= self._lately:
                self._gathers.release()
                self._gathers = None
            member.leads, self._led = not self._led, True
            return member.leads

    def gather(self) -> None:
        """Let as many come as met just before, for a moment; the first waits for nobody."""
        with self._guard:
            if len(self._waiting) >= self._lately:
                return
            gathers = self._gathers = Lock()
            gathers.acquire()
        gathers.acquire(timeout=_GATHERING)
        with self._guard:
            self._gathers = None

    def wait(self, member: Member[Any, Any], woken: Lock) -> None:
        """Wait to be served, or to lead."""
        if woken.acquire(timeout=_PATIENCE):
            return
        with self._guard:
            if member in self._waiting and not member.leads:
                self._waiting.remove(member)
                return
        # Taken at the last moment: whoever took it answers.
        woken.acquire()

    def take(self, leader: Member[Any, Any]) -> list[Member[Any, Any]]:
        """Take the leader and whoever may write with it; the others go on waiting."""
        group: dict[Any, Member[Any, Any]] = {leader.key: leader}
        with self._guard:
            for member in self._waiting:
                if member.organisation == leader.organisation and len(group) < MOST:
                    group.setdefault(member.key, member)
            taken = {id(member) for member in group.values()}
            self._waiting = [one for one in self._waiting if id(one) not in taken]
        return list(group.values())

    def hand_on(self, served: Sequence[Member[Any, Any]]) -> None:
        """Let the next one lead, and answer those who were served."""
        with self._guard:
            self._lately = len(served) + len(self._waiting)
            self._led = bool(self._waiting)
            if self._led:
                self._waiting[0].leads = True
                self._waiting[0].wake()
        for member in served:
            if not member.leads:
                member.wake()
