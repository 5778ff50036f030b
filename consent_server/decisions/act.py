"""One act on its way into the tables: a decision, its standing, its proof and its journal."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from ..clock import to_micros
from ..db import Insert, to_json
from ..ids import new_id
from ..problems import LaterNo
from ..subjects.lift import Verified, lift
from ..web import current
from . import history, standing
from .choosing import Choosing
from .journal import write_noes
from .models import Decision
from .previous import followed
from .receipts import receipt_name
from .rules import WITNESSED, Yes, contradicted
from .seal_record import write_proof
from .values import NewDecision, Written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..notices.values import Purpose
    from ..subjects import Resolved
    from .record import Recorder

SEALED_TABLE: Final = "decision"
INSERT: Final = Insert(Decision.__table__)


class Act:
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
        step = followed(recorder.tx, self.organisation, said, recorder.known)
        self.previous = step.id if step else None
        names = history.chain(self.tx, self.organisation, step, self.given_at)
        if together and step is not None:
            # What the device said before, its account said at the same moment.
            names |= {
                no.decision for no in standing.noes(rows) if no.recorded_at == step.recorded_at
            }
        self.choosing = Choosing(
            id=self.id,
            who=who,
            said=said,
            rows=standing.copied(rows),
            configuration=recorder.configuration,
            recorded_at=self.recorded_at,
            given_at=self.given_at,
            names=names,
            account=frozenset(held.id for each in account for held in each.identifiers),
            before=before,
        )

    def write(self) -> Written:
        """Write it in the caller's transaction; raises `LaterNo`."""
        self._choose()
        self._keep_noes()
        self.tx.later(INSERT, self._values())
        self._write_standing()
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

    def _write_standing(self) -> None:
        if self.choosing.written:
            subject = self.who.subject
            rows = list(standing.own(self.choosing.rows, subject))
            standing.write(self.tx, self.organisation, subject, standing.whole(rows))

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
