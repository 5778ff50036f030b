"""Loading: secrets, schema, both organisations and their past; again, and nothing changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from tqdm import tqdm

from .. import db, ledger, organisations
from ..alone import alone
from ..clock import Clock, parse_rfc3339, rfc3339, system_clock
from ..config import Limits
from ..db import read
from ..db.migrate import upgrade
from ..keyring import Keyring
from ..mail.deliver import Mailer
from ..mail.files import folder_of
from ..newsletters.signup.take_up import take_up
from . import declare
from .examples import Examples, examples
from .files import Journal, read_demo, write_demo
from .past import past
from .play import MovedClock, Player
from .setting import SETTINGS, Span
from .steps import Step, Way

if TYPE_CHECKING:
    from flask import Flask

    from ..config import Settings

Factory = Callable[..., "Flask"]
SEED: Final = "first day"
PEOPLE: Final = 400
# The log is signed, and the load can be taken up again, at every few days of the past.
_PAUSE: Final = timedelta(days=3)
# The past is told in a few seconds; nobody's quota is meant for that.
_PLENTY: Final = "1000000/minute"


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What is there now."""

    demo: dict[str, Any]
    examples: Examples
    # Whether it was loaded just now, rather than found.
    new: bool


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What past is wanted; one that has been begun is finished as it was begun."""

    seed: str = SEED
    people: int = PEOPLE


def load(
    settings: Settings,
    create_app: Factory,
    wanted: Wanted,
    *,
    clock: Clock = system_clock,
) -> Loaded:
    """Make everything that a demonstration needs; what is there already stays."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with alone(settings.data / "demo.lock", "the demonstration is being loaded already"):
        return _load(settings, create_app, wanted, clock)


def _load(settings: Settings, create_app: Factory, wanted: Wanted, clock: Clock) -> Loaded:
    Keyring.create(settings.keys)
    upgrade(settings)
    moved = MovedClock(clock())
    app = create_app(_quiet(settings), clock=moved)
    with app.app_context():
        try:
            demo, new = _Load(app, settings, moved, clock).run(wanted)
            found = examples(demo, app.extensions["consent.keyring"])
            return Loaded(demo=demo, examples=found, new=new)
        finally:
            db.db.engine.dispose()


def _quiet(settings: Settings) -> Settings:
    # One line of log for every request of a year would hide the one that matters.
    limits = Limits(
        decisions=_PLENTY, lookups=_PLENTY, writes=_PLENTY, pages=_PLENTY, signups=_PLENTY
    )
    # Nobody of the past has a mailbox: whatever it writes becomes files.
    return replace(settings, log_level="WARNING", limits=limits, smtp=None)


@dataclass
class _Load:
    app: Flask
    settings: Settings
    clock: MovedClock
    real: Clock

    def run(self, wanted: Wanted) -> tuple[dict[str, Any], bool]:
        told = read_demo(self.settings.data)
        if told is not None and self._stands(told):
            return self._at_these_ports(told), False
        journal = Journal.read(self.settings.data)
        if journal is None:
            journal = self._begin(wanted)
        self._tell(journal)
        self.clock.now = self.real()
        demo = self._describe(journal.keys)
        write_demo(self.settings.data, demo)
        journal.remove(self.settings.data)
        return demo, True

    def _stands(self, told: dict[str, Any]) -> bool:
        """Tell whether the database is the one that the file speaks of."""
        return all(
            organisations.holder(each["api_key"], now=self.clock()) is not None
            for each in told["organisations"]
        )

    def _at_these_ports(self, told: dict[str, Any]) -> dict[str, Any]:
        wanted = declare.origins(self.settings)
        keys: dict[str, str] = {}
        for setting, each in zip(SETTINGS, told["organisations"], strict=True):
            old, new = each["sites"][0]["origin"], wanted[setting.slug]
            keys[setting.slug] = each["api_key"]
            if old != new:
                declare.move_site(setting.slug, old=old, new=new, now=self.clock())
        demo = self._describe(keys)
        if demo != told:
            write_demo(self.settings.data, demo)
        return demo

    def _describe(self, keys: dict[str, str]) -> dict[str, Any]:
        return {
            "base_url": self.settings.base_url,
            "organisations": [
                declare.describe(setting.slug, keys[setting.slug]) for setting in SETTINGS
            ],
        }

    def _begin(self, wanted: Wanted) -> Journal:
        known = any(declare.find(setting.slug) is not None for setting in SETTINGS)
        # Organisations without a journal have a past that we did not write down how far
        # it went: it is kept as it is, and nothing is added to it.
        people = -1 if known else wanted.people
        # The past ends an hour ago, so that nothing of it can lie in the future.
        ends = self.real() - timedelta(hours=1)
        journal = Journal(ends=rfc3339(ends), seed=wanted.seed, people=people)
        journal.write(self.settings.data)
        return journal

    def _tell(self, journal: Journal) -> None:
        player = Player(
            self.app.test_client(), {}, self._work, mail=folder_of(self.settings.data)
        )
        if journal.people < 0:
            for setting in SETTINGS:
                self._declare(player, journal, setting.slug, earlier=False)
            return
        span = Span(parse_rfc3339(journal.ends))
        steps = past(span, seed=journal.seed, people=journal.people)
        self._know_doors(player, journal)
        signed = span.begins
        for step in tqdm(
            steps[journal.done :],
            desc="The year before",
            total=len(steps),
            initial=journal.done,
            unit=" facts",
            disable=None,
        ):
            self.clock.now = step.at
            self._play(player, journal, step)
            journal.done += 1
            # A link has no id of its own by which a repeat could be known.
            if step.at - signed > _PAUSE or step.way in {Way.ORGANISATION, Way.LINK}:
                signed = self._pause(journal, step.at)
        self._pause(journal, span.ends)

    def _play(self, player: Player, journal: Journal, step: Step) -> None:
        if step.way is Way.ORGANISATION:
            slug, earlier = step.organisation, bool(step.body["earlier"])
            self._declare(player, journal, slug, earlier=earlier)
        else:
            player.play(step)

    def _declare(self, player: Player, journal: Journal, slug: str, *, earlier: bool) -> None:
        setting = next(each for each in SETTINGS if each.slug == slug)
        origin = declare.origins(self.settings)[slug]
        declare.apply(setting, origin=origin, earlier=earlier, now=self.clock())
        if slug not in journal.keys:
            journal.keys[slug] = declare.make_key(slug, self.clock())
            journal.write(self.settings.data)
        player.organisations[slug] = declare.doors_of(slug, journal.keys[slug])

    def _work(self, slug: str) -> None:
        """Do what the worker would at this moment of the past."""
        with read() as outside:
            number = organisations.find(outside, slug) or 0
        while take_up(number):
            pass
        mailer = Mailer(self.app, clock=self.clock)
        while mailer.deliver(number):
            pass
        mailer.finish()

    def _know_doors(self, player: Player, journal: Journal) -> None:
        for slug, key in journal.keys.items():
            player.organisations[slug] = declare.doors_of(slug, key)

    def _pause(self, journal: Journal, at: datetime) -> datetime:
        self.clock.now = max(at, self.clock.now)
        keyring: Keyring = self.app.extensions["consent.keyring"]
        signer = ledger.LogSigner.of(self.settings, keyring)
        ledger.sequence_once(clock=self.clock, signer=signer)
        journal.write(self.settings.data)
        return at
