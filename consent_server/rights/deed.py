"""What is written of an erasure: a record, the event, the audit trail, the journal."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .. import ledger
from ..clock import rfc3339_micros, to_micros
from ..ids import public
from ..organisations import audit
from ..outbox.parting import ERASED, keep_names
from ..subjects.suppress import target
from ..web import current
from .values import PREFIX, VISITOR, Erasure, Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from ..subjects import Held, Identified

JOURNAL: Final = "erasures.jsonl"


@dataclass
class Deed:
    """One erasure, as it is told to those who may know of it; written before the commit."""

    tx: Transaction
    keys: OrganisationKeys
    log: str
    now: datetime
    wanted: Wanted

    def write(
        self, done: Erasure, own: Sequence[Held], identifiers: Sequence[Identified]
    ) -> None:
        """Write everything there is to write of it; the journal, flushed, comes last."""
        number = done.number or 0
        self._prove(done, identifiers)
        names = [held.given.display for held in own if held.given.kind == "external_id"]
        keep_names(self.tx, self.keys, number, names, now=to_micros(self.now))
        self.audit("subject.erased", number)
        self._journal(done, identifiers)

    def audit(self, action: str, number: int, prefix: str = PREFIX) -> None:
        """Write a line into the audit trail."""
        audit(
            self.tx,
            organisation=self.keys.organisation,
            actor=self.wanted.actor,
            action=action,
            target=public(prefix, number),
            now=self.now,
        )

    def _prove(self, done: Erasure, identifiers: Sequence[Identified]) -> None:
        number, opening = done.number or 0, None
        subjects = [public("sub", each) for each in done.subjects]
        record: dict[str, Any] = {
            "v": 1,
            "kind": "erasure",
            "organisation": public("org", self.keys.organisation),
            "id": public(PREFIX, number),
            "recorded_at": rfc3339_micros(to_micros(self.now)),
            "subjects": subjects,
            "reason": self.wanted.reason,
            "suppressed": self.wanted.suppress,
            "by": self.wanted.actor,
        }
        if self.wanted.suppress:
            # Remembered anyway, by the suppression: so it can be shown to be about her.
            key = secrets.token_bytes(32)
            record |= ledger.person_fields(key, identifiers[0].kind, identifiers[0].match)
            opening = ledger.Opening(identifiers[0].kind, key)
        ledger.append(
            self.tx,
            organisation=self.keys.organisation,
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

    def _journal(self, done: Erasure, identifiers: Sequence[Identified]) -> None:
        targets = [target(self.keys, one) for one in identifiers]
        line = {
            "organisation": public("org", self.keys.organisation),
            "erasure": public(PREFIX, done.number or 0),
            "recorded_at": rfc3339_micros(to_micros(self.now)),
            "whole": self.wanted.actor != VISITOR,
            "suppress": self.wanted.suppress,
            "subjects": [public("sub", each) for each in done.subjects],
            "identifiers": [
                {"kind": one.kind, "hash": one.hashes[0].hex(), "key_version": one.version}
                for one in targets
            ],
        }
        folder = current.settings().data / ledger.FOLDER
        ledger.write_journal(folder, JOURNAL, [ledger.journal_line(line)])
