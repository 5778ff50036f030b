"""Recording: whom a decision is recorded for, in which order, in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from ..clock import to_micros
from ..problems import Unprocessable
from ..subjects import account_of
from . import standing
from .act import Act
from .choosing import latest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration
    from ..subjects import Resolved
    from .meet import Known
    from .values import NewDecision, Written

# A clock a little ahead is a clock; further ahead, it is a mistake or a trick.
CLOCK_SLACK: Final = timedelta(minutes=5)


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
        before = standing.copied(rows)
        # Later than anything recorded of this person, even if the clock stepped back:
        # otherwise a no could seem older than the yes it answers.
        moment = max(to_micros(self.now), latest(rows) + 1)
        for holder in account:
            self._written(rows, [Act(self, holder, alone, rows, moment, together=True)])
        first, *linked = _by_subject(who)
        acts = [Act(self, first, said, rows, moment, account=account, before=before)]
        acts += [Act(self, other, alone, rows, moment) for other in linked]
        return self._written(rows, acts)

    def _written(self, rows: standing.Rows, acts: Sequence[Act]) -> Written:
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
