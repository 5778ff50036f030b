"""Erasing a person, in one transaction that has the organisation to itself.

Identifiers, facts, links, decisions, and the records with their salts go at once; the log's
entries stay, and mean nothing any more. What stays: the noes, as suppressions by keyed hash;
the person's unsubscribe links, which go on working by the same hash; a line in the journal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .. import ledger, mail
from ..clock import to_micros
from ..decisions.erase import erase_choices, erase_decisions
from ..ids import new_id
from ..newsletters.links import remember_links
from ..newsletters.signup.purge import forget_signups
from ..newsletters.tracking.record import forget_use
from ..permissions.asked import forget_asking
from ..permissions.bulk.briefs.forget import forget_briefs
from ..subjects import Told, find
from ..subjects.erase import erase_identifier, erase_subjects, part_from
from ..subjects.holdings import holdings, meant, subjects_of
from ..subjects.suppress import Suppressor, target
from .deed import Deed
from .noes import keep_noes
from .values import VISITOR, Erasure, Wanted
from .vault import Kept, keep_proofs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration
    from ..subjects import Held, Identified


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
        added = keep_noes(self._suppressor(), held, list(every.values()), wanted)
        if not subjects and not added:
            self._deed(wanted).audit("subject.not_there_to_erase", self._organisation, "org")
            return Erasure()
        kept = self._delete(subjects, own)
        done = Erasure(
            number=new_id(),
            subjects=tuple(subjects),
            suppressions=added,
            vaulted=kept.count,
            vaulted_until=kept.until,
        )
        self._deed(wanted).write(done, own, list(every.values()))
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
        self._deed(wanted).write(done, found, [visitor])
        return done

    @property
    def _organisation(self) -> int:
        return self.keys.organisation

    def _suppressor(self) -> Suppressor:
        return Suppressor(self.tx, self.keys, self.configuration, self.log, to_micros(self.now))

    def _deed(self, wanted: Wanted) -> Deed:
        return Deed(self.tx, self.keys, self.log, self.now, wanted)

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
