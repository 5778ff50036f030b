"""Taking up what forms sent: a mail within the budget, and the claim it is about.

Nobody waits for this, so that a form's answer takes as long for an address we know as for
one we do not. What no mail leaves for is forgotten at once: it would be a claim that nobody
can ever confirm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from ... import notices
from ...clock import from_micros, to_micros
from ...db import once_more, read, swift_write
from ...decisions import NewDecision, Recorder
from ...decisions.rules import ASSERTED
from ...mail import Message, Queued, UnfitAddress, queue
from ...organisations import SiteInForce, keys_of, log_of, sites_of
from ...subjects import Given, Told, identify, prove_facts, resolve
from ...web import current
from . import store
from .form_pages import day_of
from .tokens import LINK_SECONDS, sign

if TYPE_CHECKING:
    from datetime import datetime

    from ...db import Transaction
    from ...keyring import OrganisationKeys
    from ...notices.values import Configuration, Purpose, VersionShown
    from ...subjects import Identified
    from .store import Signup

DOOR: Final = "subscription"
SOURCE: Final = "newsletter form"
TEMPLATE: Final = "confirm"
_BATCH: Final = 25


def take_up(organisation: int) -> int:
    """Take up what has been received, a batch at once; gives how many."""
    with read(organisation) as tx:
        if not store.received(tx, organisation, 1):
            return 0
    return once_more(lambda: _take_up(organisation))


def _take_up(organisation: int) -> int:
    # One at a time for each organisation: two workers would both find the budget unspent.
    with swift_write(organisation, lock=organisation ^ _QUEUE) as tx:
        waiting = store.received(tx, organisation, _BATCH)
        if not waiting:
            return 0
        taking = _Taking(
            tx,
            keys_of(organisation, tx),
            notices.configuration(tx, organisation),
            {site.id: site for site in sites_of(tx, organisation)},
            current.now(),
        )
        for signup in waiting:
            taking.take(signup)
        return len(waiting)


# A number of its own: those of organisations and persons are other queues.
_QUEUE: Final = 0x51_67_6E_75_70


@dataclass
class _Taking:
    tx: Transaction
    keys: OrganisationKeys
    configuration: Configuration
    sites: dict[int, SiteInForce]
    now: datetime

    def take(self, signup: Signup) -> None:
        told = signup.told(self.keys)
        given = identify("email", told.email, region="")
        version = notices.version(self.tx, self.keys.organisation, signup.version)
        purposes = [
            purpose
            for number in signup.purposes
            if (purpose := self.configuration.purposes.get(number)) is not None
        ]
        queued = self._write(signup, told, given, purposes) if version and purposes else None
        if queued is None or version is None:
            store.drop(self.tx, self.keys.organisation, signup)
            return
        claim = self._claim(signup, told, given, purposes, version, queued)
        store.set_asked(
            self.tx,
            self.keys.organisation,
            signup,
            claim=claim,
            message=queued.message_id,
        )

    def _write(
        self, signup: Signup, told: store.Told, given: Identified, purposes: list[Purpose]
    ) -> Queued | None:
        settings = current.settings()
        home = str(self.configuration.settings["organisation"]["default_language"])
        until = from_micros(signup.recorded_at) + timedelta(seconds=LINK_SECONDS)
        language = signup.language if signup.language in _SPOKEN else home
        message = Message(
            organisation=self.keys.organisation,
            to=given.display,
            match=given.match,
            template=TEMPLATE,
            language=language,
            values={
                "place": self._place(signup, told),
                "purposes": [title_of(each, language, home) for each in purposes],
                "link": f"{settings.base_url}/confirm/{sign(signup.name)}",
                "until": day_of(until, language),
            },
            about=",".join(str(each) for each in sorted(signup.purposes)),
        )
        try:
            return queue(self.tx, message, now=self.now, budget=settings.mail)
        except UnfitAddress:
            return None

    def _place(self, signup: Signup, told: store.Told) -> str:
        site = self.sites.get(signup.site)
        host = urlsplit(told.page).netloc if told.page else ""
        return host or (site.name if site else "")

    def _claim(
        self,
        signup: Signup,
        told: store.Told,
        given: Identified,
        purposes: list[Purpose],
        version: VersionShown,
        queued: Queued,
    ) -> int:
        organisation = self.keys.organisation
        moment = to_micros(self.now)
        who = resolve(self.tx, self.keys, [given], organisation=organisation, now=moment)
        source = Told(source=SOURCE)
        if who.added and not who.created:
            prove_facts(
                self.tx, self.keys, who, Given(), source, written=[], key=None, now=moment
            )
        said = NewDecision(
            door=DOOR,
            action="subscribe",
            choices=dict.fromkeys(purposes, True),
            told=source,
            decided_at=from_micros(signup.recorded_at),
            assertion=ASSERTED,
            claim=True,
            version=version,
            language=signup.language,
            surface="page",
            site=signup.site,
            extra=step_of(told.page, queued.message_id),
        )
        recorder = Recorder(
            self.tx,
            self.keys,
            self.configuration,
            current.keyring().derive("receipts"),
            log_of(self.tx, organisation),
            self.now,
        )
        return recorder.record(who, said).id


_SPOKEN: Final = frozenset({"fr", "en"})


def step_of(page: str | None, message_id: str) -> dict[str, str]:
    """Say in a record where it was asked and by which mail: half of the proof."""
    return {"page": page or "unsaid", "message_id": message_id}


def title_of(purpose: Purpose, language: str, home: str) -> str:
    """Give a purpose's title in the nearest language that has one."""
    for tongue in (language, home, *purpose.title):
        if purpose.title.get(tongue):
            return purpose.title[tongue]
    return purpose.slug
