"""Delivering what waits: each organisation by its own server, none able to hold up another.

At least once: what was sent is written down afterwards, so that a crash in between sends
it again, under the same Message-ID. A message is leased while it is sent, so that two
workers do not send it at once.
"""

from __future__ import annotations

import random
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import structlog

from .. import db
from ..clock import from_micros, to_micros
from ..db import read, write
from ..ids import public, random_name
from ..organisations import audit
from ..web import current, manners
from . import waiting as pending
from .compose import PREFIX
from .files import write_file
from .rules import Reply, State, judge
from .sender import mail_host
from .server import server_of
from .smtp import Connection, Unreached

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from flask import Flask

    from ..clock import Clock
    from .server import MailServer
    from .waiting import Waiting

_MICROS: Final = 1_000_000
_BATCH: Final = 20
_THREADS: Final = 8
_ROUND_SECONDS: Final = 20.0
# Opening, the last message and saying goodbye each meet their deadline; beyond that, the
# worker that took the messages is gone.
_LEASE_FACTOR: Final = 4
# A server in trouble is left alone for a while: ten thousand messages do not each try it.
_PAUSE: Final = 30 * _MICROS
_HELP: Final = "Tries to send a message to a person, by what came of them."

_log = structlog.get_logger()


@dataclass
class Mailer:
    """Sends what waits, from the worker's process, in threads of its own."""

    app: Flask
    clock: Clock
    allowed: Collection[str] = ()
    # For each step: a connection, a message.
    seconds: float = 30.0
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    me: str = field(default_factory=random_name)

    def __post_init__(self) -> None:
        self._stopping = threading.Event()
        self._under_way: set[int] = set()
        self._paused: dict[int, int] = {}
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(_THREADS, "mail")

    def begin(self, organisations_known: Sequence[int]) -> None:
        """Start on every organisation that may have something to send."""
        for organisation in organisations_known:
            now = to_micros(self.clock())
            if self._paused.get(organisation, 0) > now:
                continue
            with read(organisation) as tx:
                if not pending.anything(tx, organisation, now):
                    continue
            with self._lock:
                if organisation in self._under_way or self._stopping.is_set():
                    continue
                self._under_way.add(organisation)
            self._threads.submit(self._serve, organisation)

    def finish(self) -> None:
        """Stop: what is being sent is finished and written down, nothing more begins."""
        self._stopping.set()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _serve(self, organisation: int) -> None:
        try:
            with self.app.app_context():
                while not self._stopping.is_set() and self.deliver(organisation):
                    pass
        except db.TROUBLE as error:
            _log.warning("the database does not answer", error=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - one organisation must not end the others
            _log.error("mail failed", error=type(error).__name__)
        finally:
            with self._lock:
                self._under_way.discard(organisation)

    def deliver(self, organisation: int) -> int:
        """Send one batch; gives how many messages left."""
        now = to_micros(self.clock())
        until = now + int(_ROUND_SECONDS + _LEASE_FACTOR * self.seconds) * _MICROS
        with write(organisation) as tx:
            server = server_of(tx, organisation)
            batch = pending.take(
                tx, organisation, me=self.me, now=now, until=until, most=_BATCH
            )
        if not batch:
            return 0
        if server is None:
            replies = [write_file(current.settings().data, each) for each in batch]
        else:
            replies = self._send(server, batch)
        self._write_down(organisation, batch, replies)
        if any(reply.server for reply in replies):
            self._paused[organisation] = to_micros(self.clock()) + _PAUSE
            return 0
        return len(batch)

    def _send(self, server: MailServer, batch: Sequence[Waiting]) -> list[Reply]:
        connection: Connection | None = None
        replies: list[Reply] = []
        end = time.monotonic() + _ROUND_SECONDS
        try:
            connection = Connection(
                server,
                seconds=self.seconds,
                allowed=self.allowed,
                context=self.context,
                name=mail_host(),
            )
            connection.open()
            for waiting in batch:
                replies.append(connection.send(waiting))
                late = time.monotonic() > end
                if replies[-1].server or late or self._stopping.is_set():
                    break
        except Unreached as error:
            # All of them would have met the same.
            return [error.reply] * len(batch)
        finally:
            if connection is not None:
                connection.close()
        return replies

    def _write_down(
        self, organisation: int, batch: Sequence[Waiting], replies: Sequence[Reply]
    ) -> None:
        now = to_micros(self.clock())
        tried = len(replies)
        with write(organisation) as tx:
            for waiting, reply in zip(batch, replies, strict=False):
                self._settle(tx, organisation, waiting, reply, now)
            for waiting in batch[tried:]:
                pending.release(tx, organisation, waiting, me=self.me)
        metrics = self.app.extensions[manners.NAME].metrics
        for reply in replies:
            metrics.count("consent_mails", _HELP, {"outcome": reply.word})

    def _settle(
        self, tx: Any, organisation: int, waiting: Waiting, reply: Reply, now: int
    ) -> None:
        verdict = judge(
            reply,
            tries=waiting.tries,
            recorded_at=waiting.recorded_at,
            now=now,
            chance=random.random(),  # noqa: S311 - jitter, not a secret
        )
        pending.settle(
            tx, organisation, waiting, verdict, me=self.me, outcome=reply.said(), now=now
        )
        if verdict.state in {State.REFUSED, State.GIVEN_UP}:
            audit(
                tx,
                organisation=organisation,
                actor="worker",
                action=f"mail.{verdict.state.value}",
                target=public(PREFIX, waiting.id),
                now=from_micros(now),
                detail={"because": reply.said(), "template": waiting.template},
            )
