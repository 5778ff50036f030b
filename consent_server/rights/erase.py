"""Erasing a person, in one transaction that has the organisation to itself.

Identifiers, facts, links, decisions, and the records with their salts go at once; the log's
entries stay, and mean nothing any more. What stays: the noes, as suppressions by keyed hash;
the person's unsubscribe links, which go on working by the same hash; a line in the journal.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .. import ledger, mail
from ..clock import rfc3339_micros, to_micros
from ..decisions import standing
from ..decisions.erase import erase_choices, erase_decisions
from ..decisions.rules import NOES, stands
from ..ids import new_id, public
from ..newsletters.links import remember_links
from ..newsletters.signup.purge import forget_signups
from ..newsletters.tracking.record import forget_use
from ..organisations import audit
from ..outbox.parting import ERASED, keep_names
from ..permissions.asked import forget_asking
from ..permissions.bulk.briefs.forget import forget_briefs
from ..subjects import Told, find
from ..subjects.erase import erase_identifier, erase_subjects, part_from
from ..subjects.holdings import holdings, meant, subjects_of
from ..subjects.rules import MARKETING, PURPOSE, covers
from ..subjects.suppress import ERASED as SUPPRESSED_BECAUSE
from ..subjects.suppress import Suppressor, suppress_all, target
from ..web import current
from .values import PREFIX, VISITOR, Erasure, Wanted
from .vault import Kept, keep_proofs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration
    from ..subjects import Held, Identified

JOURNAL: Final = "erasures.jsonl"
# A visitor id is a browser's, and is not asked again under the same one.
_SUPPRESSED: Final = frozenset({"email", "phone", "external_id"})


@dataclass
class Eraser:
    """What erasing needs; `tx` was opened `alone`, so that nobody writes meanwhile."""

    tx: Transaction
    keys: OrganisationKeys
    configuration: Configuration
    log: str
    now: datetime

    def person(self, given: Sequence[Identified], wanted: Wanted) -> Erasure:
        """Erase whoever is named, linked subjects included; somebody unknown stays unknown.

        What is not to be asked again stays suppressed, for those given here too. Raises
        `IdentifiersDisagree` when it is not one person who is named.
        """
        held = meant(self.tx, self.keys, given)
        subjects = self._subjects(held)
        own = holdings(self.tx, self.keys, subjects)
        every = {(one.kind, one.match): one for one in [*given, *(h.given for h in own)]}
        self._forget_mail(list(every.values()))
        added = self._keep_noes(held, list(every.values()), wanted)
        if not subjects and not added:
            self._audit("subject.not_there_to_erase", "org", self._organisation, wanted)
            return Erasure()
        kept = self._delete(subjects, own)
        done = Erasure(
            number=new_id(),
            subjects=tuple(subjects),
            suppressions=added,
            vaulted=kept.count,
            vaulted_until=kept.until,
        )
        self._finish(done, own, wanted, list(every.values()))
        return done

    def visitor(self, visitor: Identified) -> Erasure:
        """Erase what came through a visitor id, and no more: its holder showed only that.

        Whoever else the visitor is known as keeps what they said elsewhere.
        """
        found = find(self.tx, self.keys, visitor, self._organisation)
        records: list[int] = []
        gone: list[int] = []
        for held in found:
            records += self._without(held, gone)
        if not found:
            return Erasure()
        ledger.erase_records(self.tx, self._organisation, records)
        done = Erasure(number=new_id(), subjects=tuple(gone))
        wanted = Wanted(reason="asked by the visitor", actor=VISITOR, suppress=False)
        self._finish(done, found, wanted, [visitor])
        return done

    @property
    def _organisation(self) -> int:
        return self.keys.organisation

    def _subjects(self, held: Held | None) -> list[int]:
        if held is None:
            return []
        return subjects_of(self.tx, self._organisation, held.person)

    def _forget_mail(self, identifiers: Sequence[Identified]) -> None:
        # Known to us or not: somebody may have written the address into a form just now.
        hashes = [
            each
            for one in identifiers
            if one.kind == "email"
            for each in target(self.keys, one).hashes
        ]
        mail.forget(self.tx, self._organisation, hashes)
        forget_signups(self.tx, self._organisation, hashes)

    def _keep_noes(
        self, held: Held | None, identifiers: Sequence[Identified], wanted: Wanted
    ) -> int:
        suppressor = Suppressor(
            self.tx, self.keys, self.configuration, self.log, to_micros(self.now)
        )
        subject = held.subject if held else None
        whom = [
            target(self.keys, one, subject=subject)
            for one in identifiers
            if one.kind in _SUPPRESSED
        ]
        # A no is the person's: it is kept, whatever the caller wants of the rest.
        scopes = [MARKETING] if wanted.suppress else []
        scopes += [
            f"{PURPOSE}{purpose}"
            for purpose in self._noes(held)
            if not (wanted.suppress and self._is_marketing(purpose))
        ]
        added = suppress_all(suppressor, whom, scopes, SUPPRESSED_BECAUSE)
        suppressor.keep()
        return added

    def _is_marketing(self, purpose: int) -> bool:
        known = self.configuration.purposes.get(purpose)
        return known is not None and covers(MARKETING, known)

    def _noes(self, held: Held | None) -> list[int]:
        if held is None:
            return []
        rows = standing.of_person(self.tx, self._organisation, held.subject, held.person)
        found = []
        for purpose, several in sorted(rows.items()):
            known = self.configuration.purposes.get(purpose)
            # A tracker's no is the browser's own, and goes with it.
            if known is not None and known.kind == "tracker":
                continue
            places = {row.identifier for row in several}
            states = {stands(several, frozenset({p}), alone=False).state for p in places}
            if states & NOES:
                found.append(purpose)
        return found

    def _delete(self, subjects: Sequence[int], own: Sequence[Held]) -> Kept:
        remember_links(self.tx, self._organisation, [held.id for held in own])
        forget_briefs(self.tx, self._organisation, subjects)
        records = erase_decisions(self.tx, self._organisation, subjects)
        identifiers = [held.given for held in own]
        kept = keep_proofs(
            self.tx, self.keys, self.configuration, records, identifiers, self.now
        )
        records += erase_subjects(self.tx, self._organisation, subjects)
        ledger.erase_records(self.tx, self._organisation, records)
        for subject in subjects:
            forget_asking(self.tx, self._organisation, subject)
            forget_use(self.tx, self._organisation, subject)
        return kept

    def _without(self, held: Held, gone: list[int]) -> list[int]:
        remember_links(self.tx, self._organisation, [held.id])
        forget_briefs(self.tx, self._organisation, [held.subject], whole=False)
        if len(holdings(self.tx, self.keys, [held.subject])) > 1:
            records = erase_choices(self.tx, self.configuration, held.subject, held.id)
            return records + erase_identifier(self.tx, self._organisation, held.id)
        records = erase_decisions(self.tx, self._organisation, [held.subject])
        forget_asking(self.tx, self._organisation, held.subject)
        gone.append(held.subject)
        return records + part_from(
            self.tx,
            self.keys,
            held.subject,
            told=Told(source="kept when one of them was erased"),
            now=to_micros(self.now),
        )

    def _finish(
        self,
        done: Erasure,
        own: Sequence[Held],
        wanted: Wanted,
        identifiers: Sequence[Identified],
    ) -> None:
        number = done.number or 0
        self._prove(done, wanted, identifiers)
        names = [held.given.display for held in own if held.given.kind == "external_id"]
        keep_names(self.tx, self.keys, number, names, now=to_micros(self.now))
        self._audit("subject.erased", PREFIX, number, wanted)
        self._journal(done, wanted, identifiers)

    def _prove(self, done: Erasure, wanted: Wanted, identifiers: Sequence[Identified]) -> None:
        number, opening = done.number or 0, None
        subjects = [public("sub", each) for each in done.subjects]
        record: dict[str, Any] = {
            "v": 1,
            "kind": "erasure",
            "organisation": public("org", self._organisation),
            "id": public(PREFIX, number),
            "recorded_at": rfc3339_micros(to_micros(self.now)),
            "subjects": subjects,
            "reason": wanted.reason,
            "suppressed": wanted.suppress,
            "by": wanted.actor,
        }
        if wanted.suppress:
            # Remembered anyway, by the suppression: so it can be shown to be about her.
            key = secrets.token_bytes(32)
            record |= ledger.person_fields(key, identifiers[0].kind, identifiers[0].match)
            opening = ledger.Opening(identifiers[0].kind, key)
        ledger.append(
            self.tx,
            organisation=self._organisation,
            log=self.log,
            record_id=number,
            kind="erasure",
            record=record,
            recorded_at=to_micros(self.now),
            keys=self.keys,
            opening=opening,
            announcements=[
                {"type": ERASED, "subject": subject, "because": "erased"}
                for subject in subjects
            ],
        )

    def _audit(self, action: str, prefix: str, number: int, wanted: Wanted) -> None:
        audit(
            self.tx,
            organisation=self._organisation,
            actor=wanted.actor,
            action=action,
            target=public(prefix, number),
            now=self.now,
        )

    def _journal(
        self, done: Erasure, wanted: Wanted, identifiers: Sequence[Identified]
    ) -> None:
        targets = [target(self.keys, one) for one in identifiers]
        line = {
            "organisation": public("org", self._organisation),
            "erasure": public(PREFIX, done.number or 0),
            "recorded_at": rfc3339_micros(to_micros(self.now)),
            "whole": wanted.actor != VISITOR,
            "suppress": wanted.suppress,
            "subjects": [public("sub", each) for each in done.subjects],
            "identifiers": [
                {"kind": one.kind, "hash": one.hashes[0].hex(), "key_version": one.version}
                for one in targets
            ],
        }
        folder = current.settings().data / ledger.FOLDER
        ledger.write_journal(folder, JOURNAL, [ledger.journal_line(line)])
