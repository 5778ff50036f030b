"""Recording: a decision, its standing and its pending entry, in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from ..clock import to_micros
from ..db import Insert, Sql, Transaction, to_json
from ..ids import new_id, parse
from ..problems import LaterNo, UnknownPrevious, Unprocessable
from ..subjects import account_of
from ..subjects.lift import Verified, lift
from ..web import current
from . import history, standing
from .choosing import Choosing, latest
from .journal import write_noes
from .meet import Step
from .models import Decision
from .receipts import receipt_name
from .rules import WITNESSED, No, Yes, contradicted
from .seal_record import write_proof
from .values import NewDecision, Written

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration, Purpose
    from ..subjects import Resolved
    from .meet import Known

# A clock a little ahead is a clock; further ahead, it is a mistake or a trick.
CLOCK_SLACK: Final = timedelta(minutes=5)
SEALED_TABLE: Final = "decision"
INSERT: Final = Insert(Decision.__table__)
_BY_CLIENT_ID: Final = Sql(
    "SELECT id, previous_id, recorded_at FROM decision"
    " WHERE organisation_id = :organisation AND site_id = :site"
    " AND client_id = :client_id"
)
_BY_ID: Final = Sql(
    "SELECT id, previous_id, recorded_at FROM decision"
    " WHERE organisation_id = :organisation AND id = :id"
)


@dataclass(frozen=True)
class Recorder:
    """What recording needs beside the decision itself."""

    tx: Transaction
    keys: OrganisationKeys
    configuration: Configuration
    receipt_key: bytes
    log: str
    now: datetime
    # What has been read already, of the one person of the decision.
    known: Known | None = None
    # Where lines of the journal wait, when many are recorded at once (journal.write_lines).
    journal: list[bytes] | None = None

    def record(self, who: Resolved, said: NewDecision) -> Written:
        """Record a decision; raises `LaterNo`, `UnknownPrevious` or `Unprocessable`."""
        if said.decided_at > self.now + CLOCK_SLACK:
            raise Unprocessable.at("/decided_at", "a time in the future cannot be recorded")
        # Two decisions of one person at once: the second must see what the first did.
        rows = self.known.rows if self.known is not None else None
        if rows is None and who.created:
            rows = {}
        if rows is None:
            organisation = self.keys.organisation
            rows = standing.of_person(self.tx, organisation, who.subject, who.person)
        # Filed with the one they are linked to, it would be lost when the link is undone.
        alone = replace(said, client_id=None, fingerprint=None)
        account = self._account(who, said)
        if account:
            # Another device of hers may have been served a moment ago, with this one.
            own = self.keys.organisation
            rows = standing.of_person(self.tx, own, who.subject, account[0].person)
        before = _copied(rows)
        # Later than anything recorded of this person, even if the clock stepped back:
        # otherwise a no could seem older than the yes it answers.
        moment = max(to_micros(self.now), latest(rows) + 1)
        for holder in account:
            self._written(rows, [_Act(self, holder, alone, rows, moment, together=True)])
        first, *linked = _by_subject(who)
        acts = [_Act(self, first, said, rows, moment, account=account, before=before)]
        acts += [_Act(self, other, alone, rows, moment) for other in linked]
        return self._written(rows, acts)

    def _written(self, rows: standing.Rows, acts: Sequence[_Act]) -> Written:
        written = [act.write() for act in acts]
        # Whoever records several decisions of a person in a row goes on from here.
        standing.keep(rows, [each for act in acts for each in act.choosing.written])
        return written[0]

    def _account(self, who: Resolved, said: NewDecision) -> list[Resolved]:
        """Give who is signed in on the device of a choice that counts on all of hers."""
        version = said.version
        across = version is not None and version.devices == self.configuration.device_conflict
        if said.door != "banner" or not across:
            return []
        return account_of(self.tx, self.keys, who)


def _by_subject(who: Resolved) -> list[Resolved]:
    """Part a person into her linked subjects, each with its own identifiers."""
    if len(who.identifiers) == 1:
        return [who]
    subjects = dict.fromkeys([who.subject, *(held.subject for held in who.identifiers)])
    return [
        replace(
            who,
            subject=subject,
            identifiers=tuple(held for held in who.identifiers if held.subject == subject),
        )
        for subject in subjects
    ]


def _copied(rows: standing.Rows) -> standing.Rows:
    return {purpose: list(several) for purpose, several in rows.items()}


def _noes(rows: standing.Rows) -> Iterator[No]:
    return (row.no for several in rows.values() for row in several if row.no is not None)


class _Act:
    """One decision on its way into the tables."""

    def __init__(
        self,
        recorder: Recorder,
        who: Resolved,
        said: NewDecision,
        rows: standing.Rows,
        moment: int,
        *,
        account: Sequence[Resolved] = (),
        before: standing.Rows | None = None,
        together: bool = False,
    ) -> None:
        self.recorder = recorder
        self.tx = recorder.tx
        self.organisation = recorder.keys.organisation
        self.who = who
        self.said = said
        self.id = new_id()
        self.recorded_at = moment
        self.given_at = min(to_micros(said.decided_at), self.recorded_at)
        step = self._previous()
        self.previous = step.id if step else None
        names = history.chain(self.tx, self.organisation, step, self.given_at)
        if together and step is not None:
            # What the device said before, its account said at the same moment.
            names |= {no.decision for no in _noes(rows) if no.recorded_at == step.recorded_at}
        self.choosing = Choosing(
            id=self.id,
            who=who,
            said=said,
            rows=_copied(rows),
            configuration=recorder.configuration,
            recorded_at=self.recorded_at,
            given_at=self.given_at,
            names=names,
            account=frozenset(held.id for each in account for held in each.identifiers),
            before=before,
        )

    def write(self) -> Written:
        self._choose()
        self._keep_noes()
        self.tx.later(INSERT, self._values())
        standing.write_rows(self.tx, self.organisation, self.choosing.written)
        written = self._written()
        write_proof(
            self.recorder,
            self.who,
            self.said,
            written,
            given_at=self.given_at,
            choices=self.choosing.choices,
            previous=self.previous,
        )
        self._lift(written)
        return written

    def _choose(self) -> None:
        if self.said.claim:
            for purpose in self.said.choices:
                self.choosing.claim(purpose)
            return
        for purpose, yes in self.said.choices.items():
            if yes:
                self._refuse_contradiction(purpose)
        for purpose, yes in self.said.choices.items():
            self.choosing.choose(purpose, yes=yes)

    def _lift(self, written: Written) -> None:
        """Open again what was suppressed, if this is a verified yes of the person herself."""
        said, recorder = self.said, self.recorder
        yeses = [purpose for purpose, yes in said.choices.items() if yes]
        # A visitor id is never suppressed: the banner, which is hot, need not look.
        if said.assertion != WITNESSED or said.door == "banner" or not yeses:
            return
        yes = Verified(written.id, written.subject, self.given_at, written.recorded_at)
        lift(
            self.tx,
            recorder.keys,
            recorder.configuration,
            self.who,
            yeses,
            yes,
            log=recorder.log,
        )

    def _keep_noes(self) -> None:
        if all(self.said.choices.values()):
            return
        keys = self.recorder.keys
        write_noes(
            current.settings().data / "journal",
            organisation=self.organisation,
            decision=self.id,
            recorded_at=self.recorded_at,
            named=lambda: {
                "identifiers": [
                    {"kind": given.kind, "hash": keys.index(given.kind, given.match).hex()}
                    for given in (held.given for held in self.who.identifiers)
                ],
                "key_version": keys.index_version,
            },
            choices=self.choosing.choices,
            undoing=self.choosing.undoing,
            waiting=self.recorder.journal,
        )

    def _previous(self) -> Step | None:
        name = self.said.previous
        if name is None:
            return None
        found = self._step(name)
        # A no never needs anything: it is not kept waiting for what it follows.
        if found is None and any(self.said.choices.values()):
            raise UnknownPrevious("send the decision named as previous first")
        return found

    def _step(self, name: str) -> Step | None:
        number, known = parse("dec", name), self.recorder.known
        if number is None and known is not None:
            return known.previous
        values = {"organisation": self.organisation, "site": self.said.site}
        if number is not None:
            rows = self.tx.run(_BY_ID, {**values, "id": number})
        else:
            rows = self.tx.run(_BY_CLIENT_ID, {**values, "client_id": name})
        return Step(*rows[0]) if rows else None

    def _refuse_contradiction(self, purpose: Purpose) -> None:
        noes = self.choosing.acting(purpose)
        if all(no.recorded_at < self.given_at for no in noes):
            return
        alone = purpose.kind == "tracker"
        every = [
            no
            for number, _, no, places in self._noes_since
            if number == purpose.id and (not alone or places & self.choosing.places)
        ]
        claim = Yes(
            decision=self.id,
            given_at=self.given_at,
            recorded_at=self.recorded_at,
            assertion=self.said.assertion,
            names=self.choosing.names,
        )
        if contradicted(claim, every):
            raise LaterNo(
                "a no was recorded later; name it as previous, or let the person say yes again."
                " Nothing of this decision was recorded: send its refusals by themselves",
                members={"standing": self._standing_now()},
            )

    @cached_property
    def _noes_since(self) -> list[history.NoSaid]:
        return list(
            history.noes_since(self.tx, self.organisation, self.who.person, self.given_at)
        )

    def _standing_now(self) -> dict[str, str]:
        return {purpose.slug: self.choosing.state(purpose) for purpose in self.said.choices}

    def _values(self) -> dict[str, Any]:
        said, version = self.said, self.said.version
        through = [held.id for held in self.who.identifiers]
        return {
            "organisation_id": self.organisation,
            "id": self.id,
            "subject_id": self.who.subject,
            "identifier_id": through[0],
            "through": to_json(through) if len(through) > 1 else None,
            "recorded_at": self.recorded_at,
            "decided_at": to_micros(said.decided_at),
            "received_at": self.recorded_at,
            "door": said.door,
            "action": said.action,
            "assertion": said.assertion,
            "witness": "key" if said.key_id else "ours",
            "choices": to_json(self.choosing.choices),
            "version_id": version.id if version else None,
            "notice_id": version.notice_id if version else None,
            "number": version.number if version else None,
            "language": said.language,
            "surface": said.surface,
            "previous_id": self.previous,
            "site_id": said.site,
            "client_id": said.client_id,
            "fingerprint": said.fingerprint,
            "key_id": said.key_id,
            "sealed": self.recorder.keys.seal(told_by(said), SEALED_TABLE, self.id),
        }

    def _written(self) -> Written:
        states = {
            purpose.slug: str(self.choosing.choices[str(purpose.id)]["state"])
            for purpose in self.said.choices
        }
        return Written(
            id=self.id,
            subject=self.who.subject,
            receipt=receipt_name(self.recorder.receipt_key, self.organisation, self.id),
            recorded_at=self.recorded_at,
            standing=states,
            ask_again=tuple(slug for slug, state in states.items() if state == "superseded"),
        )


def told_by(said: NewDecision) -> bytes:
    """Write who says so and with what evidence: sealed, for it may hold an address."""
    told = {
        "source": said.told.source,
        "actor": said.told.actor,
        "on_behalf_of": said.told.on_behalf_of,
        "evidence": said.evidence,
    }
    return to_json(told).encode()
