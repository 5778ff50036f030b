"""Confirming, by the button of the page that the mail led to: nothing before it is a yes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ... import notices
from ...clock import rfc3339_micros, to_micros
from ...db import once_more, swift_write
from ...decisions import NewDecision, Recorder
from ...decisions.rules import WITNESSED
from ...ids import public
from ...organisations import keys_of, log_of
from ...subjects import Told, find, identify, link, resolve
from ...subjects.verify import verified
from ...web import current
from . import store
from .take_up import DOOR, SOURCE, step_of

if TYPE_CHECKING:
    from ...db import Transaction
    from ...keyring import OrganisationKeys
    from ...notices.values import Configuration
    from ...subjects import Resolved
    from .store import Signup

# Of an organisation that joins a person's devices: `link` would let the browser of whoever
# sent the form, a stranger perhaps, choose for hers.
_ONE_DEVICE: Final = "off"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What pressing the button did: nothing, without a receipt.

    It had been pressed before, or whoever asked has been erased meanwhile.
    """

    receipt: str | None = None
    # The words have changed so much meanwhile that the yes does not count under them.
    superseded: bool = False


def confirm(organisation: int, signup: Signup, *, language: str) -> Outcome:
    """Record the yes of the person who reads the mail of this address, once."""
    return once_more(lambda: _confirm(organisation, signup, language))


def _confirm(organisation: int, signup: Signup, language: str) -> Outcome:
    with swift_write(organisation, lock=signup.lock) as tx:
        again = store.named(tx, organisation, signup.name)
        if again is None or again.state != store.ASKED:
            return Outcome()
        return _Confirming(tx, keys_of(organisation, tx), again, language).run()


class _Confirming:
    def __init__(
        self, tx: Transaction, keys: OrganisationKeys, signup: Signup, language: str
    ) -> None:
        self.tx = tx
        self.keys = keys
        self.signup = signup
        self.language = language
        self.now = current.now()
        self.told = signup.told(keys)
        self.configuration: Configuration = notices.configuration(tx, keys.organisation)

    def run(self) -> Outcome:
        organisation, moment = self.keys.organisation, to_micros(self.now)
        given = identify("email", self.told.email, region="")
        who = resolve(self.tx, self.keys, [given], organisation=organisation, now=moment)
        said = self._said()
        if not said.choices:
            return Outcome()
        recorder = Recorder(
            self.tx,
            self.keys,
            self.configuration,
            current.keyring().derive("receipts"),
            log_of(self.tx, organisation),
            self.now,
        )
        written = recorder.record(who, said)
        verified(self.tx, organisation, who.identifiers[0].id, now=moment)
        self._link(who, moment)
        store.set_confirmed(self.tx, organisation, self.signup, decision=written.id, now=moment)
        return Outcome(receipt=written.receipt, superseded=bool(written.ask_again))

    def _said(self) -> NewDecision:
        signup = self.signup
        organisation = self.keys.organisation
        purposes = [
            purpose
            for number in signup.purposes
            if (purpose := self.configuration.purposes.get(number)) is not None
        ]
        return NewDecision(
            door=DOOR,
            action="confirm",
            choices=dict.fromkeys(purposes, True),
            told=Told(source=SOURCE),
            decided_at=self.now,
            assertion=WITNESSED,
            version=notices.version(self.tx, organisation, signup.version),
            language=signup.language,
            surface="page",
            previous=public("dec", signup.claim) if signup.claim else None,
            site=signup.site,
            extra={
                **step_of(self.told.page, signup.message_id or ""),
                "asked_at": rfc3339_micros(signup.recorded_at),
                "confirmed_in": self.language,
                "means": "button",
            },
        )

    def _link(self, who: Resolved, moment: int) -> None:
        """Let the browser that sent the form be hers, where that moves no choice of either."""
        if self.told.visitor is None or self.configuration.device_conflict != _ONE_DEVICE:
            return
        visitor = identify("visitor", self.told.visitor, region="")
        for held in find(self.tx, self.keys, visitor, self.keys.organisation):
            # A browser known as somebody else's already stays so.
            if held.person == held.subject and held.person != who.person and not held.shared:
                told = Told(source=SOURCE)
                link(self.tx, self.keys, who.subject, held.subject, told=told, now=moment)
