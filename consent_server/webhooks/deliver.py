"""Delivering: every receiver in turn, each at its own pace, none able to hold up another.

At least once: what was sent is written down afterwards, so that a crash in between sends
it again under the same id. One worker at a time delivers to a receiver (a lease), so that
one subject's events keep their order with several workers too.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import structlog

from .. import db
from ..clock import to_micros
from ..db import Sql, read, write
from ..ids import random_name
from ..problems import NotFound
from ..web import manners
from . import queue
from .attempts import Tried, attempt, keep
from .hooks import Hook, find, hooks_of, secrets_of
from .hooks import figures as hooks_figures
from .message import message_of
from .rules import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from flask import Flask

    from ..clock import Clock
    from ..outgoing.calls import Calls
    from ..web.metrics import Metrics
    from .message import Message
    from .queue import Waiting

_MICROS: Final = 1_000_000
# A round ends well within it, so that two workers never send at once; when a worker is
# killed, the next one takes its receivers over after as long.
_LEASE: Final = 60 * _MICROS
_ROUND_SECONDS: Final = 20
_BATCH: Final = 64
_SIDE_BY_SIDE: Final = 8
# Receivers that took their last message have threads of their own: a thousand that hang
# keep none of them waiting.
_PROVEN_THREADS: Final = 8
_OTHER_THREADS: Final = 24
# An unproven receiver shows first what it does with one.
_FIRST: Final = 1

_LEASED: Final = Sql(
    "UPDATE webhook_state SET leased_by = :me, leased_until = :until"
    " WHERE organisation_id = :organisation AND webhook_id = :webhook"
    " AND (leased_until < :now OR leased_by = :me) RETURNING reached"
)
_RELEASE: Final = Sql(
    "UPDATE webhook_state SET leased_until = 0"
    " WHERE organisation_id = :organisation AND webhook_id = :webhook AND leased_by = :me"
)

_TRIES_HELP: Final = "Tries to tell a receiver of an event, by what came of them."
_GIVEN_UP_HELP: Final = "Receivers that were given up and wait for a person to enable them."
_WAITING_HELP: Final = "Events that receivers do not have yet."

_log = structlog.get_logger()


@dataclass
class Deliverer:
    """Delivers what waits, from the worker's process, in threads of its own."""

    app: Flask
    clock: Clock
    allowed: Collection[str] = ()
    seconds: float = 10.0
    me: str = field(default_factory=random_name)

    def __post_init__(self) -> None:
        self._stopping = threading.Event()
        self._proven: set[int] = set()
        self._under_way: set[int] = set()
        self._lock = threading.Lock()
        self._lanes = {
            True: ThreadPoolExecutor(_PROVEN_THREADS, "webhooks"),
            False: ThreadPoolExecutor(_OTHER_THREADS, "webhooks-new"),
        }

    def begin(self, organisations_known: Sequence[int]) -> int:
        """Start on every receiver that may have something waiting; gives how many."""
        begun = 0
        for organisation in organisations_known:
            now = to_micros(self.clock())
            with read(organisation) as tx:
                # Looked at before a thread and a lease are spent on it.
                ready = [
                    hook
                    for hook in hooks_of(tx, organisation)
                    if self._may_go(hook) and queue.anything(tx, hook, now)
                ]
            begun += sum(self._begin(hook) for hook in ready)
        return begun

    def tell_figures(self, organisations_known: Sequence[int]) -> None:
        """Say in the metrics how many receivers were given up, and how much waits."""
        given_up = waiting = 0
        for organisation in organisations_known:
            with read(organisation) as tx:
                up, more = hooks_figures(tx, organisation)
            given_up, waiting = given_up + up, waiting + more
        metrics, at = self._metrics(), self.clock().timestamp()
        metrics.tell("consent_webhooks_given_up", _GIVEN_UP_HELP, given_up, at=at)
        metrics.tell("consent_webhook_messages_waiting", _WAITING_HELP, waiting, at=at)

    def _metrics(self) -> Metrics:
        found: Metrics = self.app.extensions[manners.NAME].metrics
        return found

    def _may_go(self, hook: Hook) -> bool:
        return hook.going and hook.paused_until <= to_micros(self.clock())

    def _begin(self, hook: Hook) -> bool:
        with self._lock:
            if hook.id in self._under_way or self._stopping.is_set():
                return False
            self._under_way.add(hook.id)
        self._lanes[hook.id in self._proven].submit(self._serve, hook)
        return True

    def finish(self) -> None:
        """Stop: what is being sent is finished and written down, nothing more begins."""
        self._stopping.set()
        for lane in self._lanes.values():
            lane.shutdown(wait=True, cancel_futures=True)

    def wait(self) -> None:
        """Wait until nothing is under way (for tests and the command line)."""
        while True:
            with self._lock:
                if not self._under_way:
                    return
            self._stopping.wait(0.01)

    def _serve(self, hook: Hook) -> None:
        from ..outgoing.calls import Calls  # noqa: PLC0415

        callers = [
            Calls(seconds=self.seconds, allowed=self.allowed) for _ in range(_SIDE_BY_SIDE)
        ]
        try:
            with self.app.app_context():
                while not self._stopping.is_set() and self._round(hook, callers):
                    pass
                self._release(hook)
        except db.TROUBLE as error:
            _log.warning("the database does not answer", error=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - one receiver must not end the others
            _log.error("delivery failed", error=type(error).__name__)
        finally:
            for each in callers:
                each.close()
            with self._lock:
                self._under_way.discard(hook.id)

    def _round(self, known: Hook, callers: Sequence[Calls]) -> bool:
        """Send one batch; tells whether there may be more to send at once."""
        proven = known.id in self._proven
        now = to_micros(self.clock())
        with write(known.organisation) as tx:
            if not self._lease(tx, known, now):
                return False
            try:
                hook = find(tx, known.organisation, known.id)
            except NotFound:
                # Closed meanwhile.
                return False
            taken = queue.take_in(tx, hook, now) if self._may_go(hook) else 0
            waiting = queue.due(tx, hook, now, _BATCH if proven else _FIRST)
            batch = [(each, message_of(tx, hook, each.seq)) for each in waiting]
            secrets = secrets_of(tx, hook, now)
        if not self._may_go(hook):
            return False
        tried = self._send(hook, secrets, batch, callers)
        with write(hook.organisation) as tx:
            keep(tx, hook, tried)
            for waits, message in batch:
                if message is None:
                    queue.done(tx, hook, waits.seq)
        for each in tried:
            labels = {"outcome": each.verdict.outcome.value}
            self._metrics().count("consent_webhook_attempts", _TRIES_HELP, labels)
        if tried:
            well = all(each.verdict.outcome is Outcome.DELIVERED for each in tried)
            (self._proven.add if well else self._proven.discard)(hook.id)
        return bool(tried) or taken > 0

    def _send(
        self,
        hook: Hook,
        secrets: Sequence[bytes],
        batch: Sequence[tuple[Waiting, Message | None]],
        callers: Sequence[Calls],
    ) -> list[Tried]:
        work = [(each, message) for each, message in batch if message is not None]
        if not work:
            return []
        lines = [work[place :: len(callers)] for place in range(len(callers))]

        until = time.monotonic() + _ROUND_SECONDS

        def walk(line: Sequence[tuple[Waiting, Message]], calls: Calls) -> list[Tried]:
            found: list[Tried] = []
            for waiting, message in line:
                found.append(attempt(calls, hook, secrets, waiting, message, self.clock))
                # In trouble: the rest would only wait for the same.
                if found[-1].verdict.pause or self._stopping.is_set():
                    break
                if time.monotonic() > until:
                    break
            return found

        if len(work) == 1:
            return walk(work, callers[0])
        with ThreadPoolExecutor(len(callers)) as side_by_side:
            return [each for found in side_by_side.map(walk, lines, callers) for each in found]

    def _lease(self, tx: Any, hook: Hook, now: int) -> bool:
        values = self._values(hook)
        return bool(tx.run(_LEASED, {**values, "now": now, "until": now + _LEASE}))

    def _release(self, hook: Hook) -> None:
        with write(hook.organisation) as tx:
            tx.run(_RELEASE, self._values(hook))

    def _values(self, hook: Hook) -> dict[str, Any]:
        return {"organisation": hook.organisation, "webhook": hook.id, "me": self.me}
