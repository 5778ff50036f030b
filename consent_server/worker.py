"""The worker: gives pending entries their place within a second, and tidies up."""

from __future__ import annotations

import signal
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from . import db, ledger, organisations
from .web import current, idempotency

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

# Pending entries are integrated within a second; this often is well within it.
_PAUSE_SECONDS: Final = 0.15
_TIDY_EVERY: Final = timedelta(hours=1)

_log = structlog.get_logger()


@dataclass
class Worker:
    """Does the work that nobody waits for, until it is told to stop."""

    app: Flask
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Work until a signal says stop; a pass that has begun is finished first."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: self.stopping.set())
        with self.app.app_context():
            # A database older than what was signed must be found out before the first pass.
            ledger.refuse_other_history(_signer())
            _log.info("worker started")
            tidied = datetime.min.replace(tzinfo=current.now().tzinfo)
            while not self.stopping.is_set():
                busy = self._sequence()
                if current.now() - tidied > _TIDY_EVERY:
                    self._tidy()
                    tidied = current.now()
                if not busy:
                    self.stopping.wait(_PAUSE_SECONDS)
            _log.info("worker stopped")

    def _sequence(self) -> bool:
        try:
            return sequence(self.stopping.is_set)
        except db.TROUBLE as error:
            # The database may be restarting: what is pending stays pending, nothing is lost.
            _log.warning("the database does not answer", error=type(error).__name__)
            return False

    def _tidy(self) -> None:
        try:
            with db.read() as tx:
                known = [number for number, _, _ in organisations.listed(tx)]
            for organisation in known:
                with db.write(organisation) as tx:
                    idempotency.forget(tx, organisation, current.now())
        except db.TROUBLE as error:
            _log.warning("the database does not answer", error=type(error).__name__)


def sequence(stopping: Callable[[], bool] = lambda: False) -> bool:
    """Integrate what is pending, once; tells whether there was anything."""
    done = ledger.sequence_once(clock=current.clock(), signer=_signer(), stopping=stopping)
    return bool(done.total)


def _signer() -> ledger.LogSigner:
    return ledger.LogSigner.of(current.settings(), current.keyring())
