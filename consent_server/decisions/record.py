"""Recording: a decision, its standing and its pending entry, in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from ..clock import add_period, from_micros, to_micros
from ..db import Sql, Transaction, to_json
from ..ids import new_id, parse
from ..problems import LaterNo, UnknownPrevious, Unprocessable
from ..web import current
from . import history, standing
from .journal import write_noes
from .receipts import receipt_name
from .rules import (
    STRENGTH,
    WITNESSED_BY_KEY,
    No,
    Row,
    Yes,
    acting,
    add_no,
    add_yes,
    contradicted,
    name_the_no,
    settle,
    stands,
)
from .seal_record import write_proof
from .values import NewDecision, Written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration, Purpose
    from ..subjects import Resolved

# A clock a little ahead is a clock; further ahead, it is a mistake or a trick.
_CLOCK_SLACK: Final = timedelta(minutes=5)
_INSERT: Final = Sql(
    """
    INSERT INTO decision (organisation_id, id, subject_id, identifier_id, through, recorded_at,
        decided_at, received_at, door, action, assertion, witness, choices, version_id,
        notice_id, number, language, surface, previous_id, site_id, client_id, fingerprint,
        key_id, sealed)
    VALUES (:organisation, :id, :subject, :identifier, :through, :recorded_at, :decided_at,
        :received_at, :door, :action, :assertion, :witness, :choices, :version, :notice,
        :number, :language, :surface, :previous, :site, :client_id, :fingerprint, :key,
        :sealed)
    """
)
_BY_CLIENT_ID: Final = Sql(
    "SELECT id FROM decision WHERE organisation_id = :organisation AND site_id = :site"
    " AND client_id = :client_id"
)
_BY_ID: Final = Sql(
    "SELECT id FROM decision WHERE organisation_id = :organisation AND id = :id"
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

    def record(self, who: Resolved, said: NewDecision) -> Written:
        """Record a decision; raises `LaterNo`, `UnknownPrevious` or `Unprocessable`."""
        if said.decided_at > self.now + _CLOCK_SLACK:
            raise Unprocessable.at("/decided_at", "a time in the future cannot be recorded")
        if not who.created:
            # Two decisions of one person at once: the second must see what the first did.
            self.tx.lock(who.person)
        rows = standing.of_person(self.tx, self.keys.organisation, who.person)
        act = _Act(self, who, said, rows)
        return act.write()


class _Act:
    """One decision on its way into the tables."""

    def __init__(
        self, recorder: Recorder, who: Resolved, said: NewDecision, rows: standing.Rows
    ) -> None:
        self.recorder = recorder
        self.tx = recorder.tx
        self.organisation = recorder.keys.organisation
        self.who = who
        self.said = said
        self.rows = rows
        self.id = new_id()
        # Later than anything recorded of this person, even if the clock stepped back:
        # otherwise a no could seem older than the yes it answers.
        self.recorded_at = max(to_micros(recorder.now), _latest(rows) + 1)
        self.given_at = min(to_micros(said.decided_at), self.recorded_at)
        self.previous = self._previous()
        self.places = frozenset(held.id for held in who.identifiers)
        self.choices: dict[str, dict[str, Any]] = {}
        self.written: list[tuple[int, Row]] = []

    def write(self) -> Written:
        for purpose, yes in self.said.choices.items():
            if yes:
                self._refuse_contradiction(purpose)
        for purpose, yes in self.said.choices.items():
            self._choose(purpose, yes=yes)
        self._keep_noes()
        self.tx.run(_INSERT, self._values())
        standing.write_rows(self.tx, self.organisation, self.written)
        written = self._written()
        write_proof(
            self.recorder,
            self.who,
            self.said,
            written,
            given_at=self.given_at,
            choices=self.choices,
            previous=self.previous,
        )
        return written

    def _keep_noes(self) -> None:
        keys = self.recorder.keys
        write_noes(
            current.settings().data / "journal",
            organisation=self.organisation,
            decision=self.id,
            recorded_at=self.recorded_at,
            hashes=[keys.index(h.given.kind, h.given.match) for h in self.who.identifiers],
            choices=self.choices,
        )

    def _previous(self) -> int | None:
        name = self.said.previous
        if name is None:
            return None
        values = {"organisation": self.organisation, "site": self.said.site}
        number = parse("dec", name)
        if number is not None:
            rows = self.tx.run(_BY_ID, {**values, "id": number})
        else:
            rows = self.tx.run(_BY_CLIENT_ID, {**values, "client_id": name})
        if not rows:
            raise UnknownPrevious("send the decision named as previous first")
        found: int = rows[0][0]
        return found

    def _noes(self, purpose: Purpose) -> list[No]:
        alone = purpose.kind == "tracker" or self._shared_alone()
        return acting(self.rows.get(purpose.id, ()), self.places, alone=alone)

    def _shared_alone(self) -> bool:
        return all(held.shared for held in self.who.identifiers)

    def _names(self) -> frozenset[int]:
        return history.chain(self.tx, self.organisation, self.previous, self.given_at)

    def _refuse_contradiction(self, purpose: Purpose) -> None:
        noes = self._noes(purpose)
        if all(no.recorded_at < self.given_at for no in noes):
            return
        alone = purpose.kind == "tracker"
        every = [
            no
            for number, _, no, places in history.noes_since(
                self.tx, self.organisation, self.who.person, self.given_at
            )
            if number == purpose.id and (not alone or places & self.places)
        ]
        claim = Yes(
            decision=self.id,
            given_at=self.given_at,
            recorded_at=self.recorded_at,
            assertion=self.said.assertion,
            names=self._names(),
        )
        if contradicted(claim, every):
            raise LaterNo(
                "a no was recorded later; name it as previous, or let the person say yes again",
                members={"standing": self._standing_now()},
            )

    def _standing_now(self) -> dict[str, str]:
        return {purpose.slug: self._state(purpose) for purpose in self.said.choices}

    def _state(self, purpose: Purpose) -> str:
        rows = self.rows.get(purpose.id, [])
        stood = stands(rows, self.places, alone=purpose.kind == "tracker")
        notice = stood.yes.notice if stood.yes else None
        floor = self.recorder.configuration.floors.get((notice or 0, purpose.id), 0)
        return settle(stood, floor=floor, now=self.recorded_at)

    def _choose(self, purpose: Purpose, *, yes: bool) -> None:
        answer = self._yes(purpose) if yes else self._no(purpose)
        alone = purpose.kind == "tracker"
        mine = {(row.subject, row.identifier): row for row in self.rows.get(purpose.id, ())}
        for held in self.who.identifiers:
            place = (self.who.subject, held.id)
            row = mine.get(place) or Row(subject=self.who.subject, identifier=held.id)
            if isinstance(answer, Yes):
                own = [r for r in mine.values() if r.subject == self.who.subject]
                row = add_yes(row, answer, acting(own, frozenset({held.id}), alone=alone))
            else:
                row = add_no(row, answer)
            mine[place] = row
            self.written.append((purpose.id, row))
        self.rows[purpose.id] = list(mine.values())
        self.choices[str(purpose.id)] = self._choice(purpose, answer)

    def _choice(self, purpose: Purpose, answer: Yes | No) -> dict[str, Any]:
        state = self._state(purpose)
        if isinstance(answer, No):
            return {
                "answer": "no",
                "named": answer.state,
                "expires_at": None,
                "enough": 1,
                "state": state,
            }
        choice: dict[str, Any] = {
            "answer": "yes",
            "named": "granted",
            "expires_at": answer.expires_at,
            "enough": int(answer.enough),
            "state": state,
        }
        if answer.names:
            choice["names"] = sorted(answer.names)
        return choice

    def _no(self, purpose: Purpose) -> No:
        state = name_the_no(purpose.basis, granted=self._state(purpose) == "granted")
        return No(decision=self.id, recorded_at=self.recorded_at, state=state)

    def _yes(self, purpose: Purpose) -> Yes:
        version = self.said.version
        needed = STRENGTH.get(purpose.assertion, STRENGTH[WITNESSED_BY_KEY])
        return Yes(
            decision=self.id,
            given_at=self.given_at,
            recorded_at=self.recorded_at,
            assertion=self.said.assertion,
            enough=STRENGTH[self.said.assertion] >= needed,
            expires_at=_expiry(purpose, self.given_at),
            notice=version.notice_id if version else None,
            number=version.number if version else None,
            version=version.id if version else None,
            names=self._names() if self.previous else frozenset(),
        )

    def _values(self) -> dict[str, Any]:
        said, version = self.said, self.said.version
        through = [held.id for held in self.who.identifiers]
        told = {
            "source": said.told.source,
            "actor": said.told.actor,
            "on_behalf_of": said.told.on_behalf_of,
            "evidence": said.evidence,
        }
        return {
            "organisation": self.organisation,
            "id": self.id,
            "subject": self.who.subject,
            "identifier": through[0],
            "through": to_json(through) if len(through) > 1 else None,
            "recorded_at": self.recorded_at,
            "decided_at": to_micros(said.decided_at),
            "received_at": self.recorded_at,
            "door": said.door,
            "action": said.action,
            "assertion": said.assertion,
            "witness": "key" if said.key_id else "ours",
            "choices": to_json(self.choices),
            "version": version.id if version else None,
            "notice": version.notice_id if version else None,
            "number": version.number if version else None,
            "language": said.language,
            "surface": said.surface,
            "previous": self.previous,
            "site": said.site,
            "client_id": said.client_id,
            "fingerprint": said.fingerprint,
            "key": said.key_id,
            "sealed": self.recorder.keys.seal(to_json(told).encode(), "decision", self.id),
        }

    def _written(self) -> Written:
        states = {
            purpose.slug: str(self.choices[str(purpose.id)]["state"])
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


def _latest(rows: Mapping[int, Sequence[Row]]) -> int:
    moments = [0]
    for several in rows.values():
        for row in several:
            moments += [row.yes.recorded_at] if row.yes else []
            moments += [row.no.recorded_at] if row.no else []
    return max(moments)


def _expiry(purpose: Purpose, given_at: int) -> int | None:
    if purpose.validity is None:
        return None
    return to_micros(add_period(from_micros(given_at), purpose.validity))
