"""The worker: gives pending entries their place, tells receivers of events, tidies up."""

from __future__ import annotations

import gc
import signal
import threading
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

import click
import structlog

from . import db, ledger, organisations, ready
from .app import create_app
from .beside import Beside, each_of, paced
from .clock import to_micros
from .config import Settings
from .decisions.lapse import tell_lapses
from .experience.replay.keep import keep_replays
from .imports import work as imports
from .ledger.stamp import stamper_of
from .ledger.witness.ask import asker_of
from .mail import forget_old as forget_old_mail
from .mail.deliver import Mailer
from .newsletters.signup.purge import forget_unconfirmed
from .newsletters.signup.take_up import take_up
from .newsletters.tracking.record import forget_old_use
from .outbox.parting import forget_names
from .permissions.asked import forget_old
from .permissions.bulk import work as lists
from .permissions.bulk.briefs import follow as briefs
from .permissions.tally import tally_next
from .rights.vault import destroy_ended
from .web import current, idempotency, manners
from .webhooks import attempts
from .webhooks.deliver import Deliverer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

    from flask import Flask

    from .beside import Pass

    CarryOn = Callable[[Iterable[int], Callable[[], bool]], bool]

# Pending entries are integrated within a second; this often is well within it.
_PAUSE_SECONDS: Final = 0.15
_TIDY_EVERY: Final = timedelta(hours=1)
# How often the worker looks for files to carry on, and how long their last batch may take.
_LOOK_SECONDS: Final = 1.0
_REPLAY_EVERY_SECONDS: Final = 10
_LONGEST_BATCH_SECONDS: Final = 20.0
_TELL_EVERY: Final = timedelta(seconds=0.2)
_FIGURES_EVERY: Final = timedelta(seconds=10)
_LAPSES_EVERY_SECONDS: Final = 2.0
# Somebody is waiting for the link: a message leaves within the second.
_MAIL_EVERY_SECONDS: Final = 0.5

_ASKED: Final = "consent_ledger_witness_answers"
_ASKED_HELP: Final = "Witnesses asked, by how it ended."

_NEVER: Final = datetime.min.replace(tzinfo=UTC)

_log = structlog.get_logger()


@dataclass
class Worker:
    """Does the work that nobody waits for, until it is told to stop."""

    app: Flask
    stopping: threading.Event = field(default_factory=threading.Event)
    figured: datetime = _NEVER

    def run(self) -> None:
        """Work until a signal says stop; a pass that has begun is finished first."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: self.stopping.set())
        with self.app.app_context():
            # A database older than what was signed must be found out before the first pass.
            ledger.refuse_other_history(_signer())
            ledger.refuse_bad_witnesses(current.settings())
            _log.info("worker started")
            tidied = told = _NEVER
            deliverer = Deliverer(
                self.app, clock=current.clock(), allowed=current.settings().callable
            )
            beside = self._begin_beside()
            while not self.stopping.is_set():
                ready.beat(current.settings())
                busy = self._sequence()
                if current.now() - told > _TELL_EVERY:
                    self._tell(deliverer)
                    told = current.now()
                if current.now() - tidied > _TIDY_EVERY:
                    self._tidy()
                    tidied = current.now()
                if not busy:
                    self.stopping.wait(_PAUSE_SECONDS)
            deliverer.finish()
            beside.join(_LONGEST_BATCH_SECONDS)
            if beside.failed:
                raise click.ClickException(f"A part of the worker failed: {beside.failed}.")
            _log.info("worker stopped")

    def _begin_beside(self) -> Beside:
        """Begin what must not keep the sequencer waiting, each in a thread of its own."""
        beside = Beside(self.app, self.stopping)
        # No answer waits for lapses: a lookup settles expiry and floors by itself.
        beside.begin("lapses", _LAPSES_EVERY_SECONDS, self._lapses)
        beside.begin("mail", _MAIL_EVERY_SECONDS, self._mail)
        beside.begin("stamps", _LOOK_SECONDS, self._stamps)
        beside.begin("witnesses", _LOOK_SECONDS, self._witnesses)
        beside.begin("askings", _LOOK_SECONDS, self._askings)
        beside.begin("replays", _REPLAY_EVERY_SECONDS, self._replays)
        for name, carry_on in (
            ("imports", imports.carry_on),
            ("lists", lists.carry_on),
            ("briefs", briefs.carry_on),
        ):
            beside.begin(name, _LOOK_SECONDS, partial(self._carrying, carry_on))
        return beside

    def _carrying(self, carry_on: CarryOn) -> AbstractContextManager[Pass]:
        return nullcontext(lambda: carry_on(_organisations(), self.stopping.is_set))

    def _stamps(self) -> AbstractContextManager[Pass | None]:
        """Have the log's heads stamped from outside."""
        stamper = stamper_of(current.settings(), current.clock())
        return nullcontext(paced(stamper.pass_once) if stamper.authorities else None)

    def _witnesses(self) -> AbstractContextManager[Pass | None]:
        """Have the log's heads cosigned."""
        asker = asker_of(current.settings(), current.clock())
        metrics = self.app.extensions[manners.NAME].metrics
        asker.count = lambda how: metrics.count(_ASKED, _ASKED_HELP, {"outcome": how})
        return nullcontext(paced(asker.pass_once) if asker.witnesses else None)

    def _replays(self) -> AbstractContextManager[Pass | None]:
        """Keep what new banners are shown as: a browser takes its time, and nobody waits."""
        if not current.settings().replays:
            return nullcontext(None)
        keep = partial(keep_replays, stopping=self.stopping.is_set)
        return nullcontext(each_of(_organisations, keep, self.stopping))

    def _lapses(self) -> AbstractContextManager[Pass]:
        """Tell what time and new words end; a pass may be long."""

        def lapse(organisation: int) -> None:
            now = to_micros(current.now())
            tell_lapses(organisation, now, stopping=self.stopping.is_set)

        return nullcontext(each_of(_organisations, lapse, self.stopping))

    def _askings(self) -> AbstractContextManager[Pass]:
        """Tally what lookups noted, one part of everybody's subjects after the other."""
        reached: dict[int, int] = {}

        def tally(organisation: int) -> None:
            reached[organisation] = tally_next(organisation, reached.get(organisation, -1))

        return nullcontext(each_of(_organisations, tally, self.stopping))

    @contextmanager
    def _mail(self) -> Iterator[Pass]:
        """Take up what forms sent, and send what waits."""
        mailer = Mailer(self.app, clock=current.clock(), allowed=current.settings().callable)

        def send() -> None:
            known = _organisations()
            for organisation in known:
                take_up(organisation)
            mailer.begin(known)

        yield send
        mailer.finish()

    def _sequence(self) -> bool:
        try:
            return sequence(self.stopping.is_set)
        except db.TROUBLE as error:
            # The database may be restarting: what is pending stays pending, nothing is lost.
            _log.warning("the database does not answer", error=type(error).__name__)
            return False

    def _tell(self, deliverer: Deliverer) -> None:
        try:
            known = _organisations()
            deliverer.begin(known)
            if current.now() - self.figured > _FIGURES_EVERY:
                deliverer.tell_figures(known)
                self._tell_of_the_log()
                self.figured = current.now()
        except db.TROUBLE as error:
            _log.warning("the database does not answer", error=type(error).__name__)

    def _tell_of_the_log(self) -> None:
        now = current.now()
        with db.read() as tx:
            found = ledger.figures(ledger.log_health(tx), to_micros(now))
        metrics = self.app.extensions[manners.NAME].metrics
        for name, (text, value) in found.items():
            metrics.tell(name, text, value, at=now.timestamp())

    def _tidy(self) -> None:
        try:
            for organisation in _organisations():
                with db.write(organisation) as tx:
                    idempotency.forget(tx, organisation, current.now())
                    attempts.forget(tx, organisation, to_micros(current.now()))
                    forget_old(tx, organisation, current.now())
                    forget_old_use(tx, organisation, current.now())
                    forget_names(tx, organisation, current.now())
                    destroy_ended(tx, organisation, to_micros(current.now()))
                    forget_old_mail(tx, organisation, to_micros(current.now()))
                forget_unconfirmed(organisation)
                imports.tidy(organisation)
                lists.tidy(organisation)
            db.empty_log()
        except db.TROUBLE as error:
            _log.warning("the database does not answer", error=type(error).__name__)


def _organisations() -> list[int]:
    with db.read() as tx:
        return [number for number, _, _ in organisations.listed(tx)]


def sequence(stopping: Callable[[], bool] = lambda: False) -> bool:
    """Integrate what is pending, once; tells whether there was anything."""
    done = ledger.sequence_once(clock=current.clock(), signer=_signer(), stopping=stopping)
    return bool(done.total)


def _signer() -> ledger.LogSigner:
    return ledger.LogSigner.of(current.settings(), current.keyring())


@click.command("worker")
def worker_command() -> None:
    """Give pending entries their place and tidy up, until told to stop."""
    worker = Worker(create_app(Settings.from_environment()))
    # As the server does: what exists now stays, and lists make very many small things.
    gc.collect()
    gc.freeze()
    worker.run()
