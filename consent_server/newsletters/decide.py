"""What a person does herself on a page of ours: no, yes, and yes again by taking a no back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from .. import notices
from ..clock import to_micros
from ..db import Sql, as_json
from ..decisions import NewDecision, Recorder, Written, standing
from ..decisions.rules import NOES, WITNESSED, said_already, stands
from ..ids import public
from ..organisations import log_of
from ..subjects import Resolved, Told
from ..subjects.rules import MARKETING, is_marketing
from ..subjects.suppress import Suppressor, target_of
from ..web import current

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ..db import Transaction
    from ..decisions.rules import Row, Stands
    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration, Purpose, VersionShown
    from ..subjects import Held

CENTRE: Final = "preferences"
UNDO_FOR: Final = timedelta(hours=24)
_REASON: Final = "unsubscribed"
# Words that a form shows are nearest to those of a page; a banner's belong to its site.
_SURFACES: Final = ("form", "policy", "call_script")
_DECISION: Final = Sql(
    "SELECT subject_id, recorded_at, choices FROM decision"
    " WHERE organisation_id = :organisation AND id = :id"
)


@dataclass
class Decider:
    """One person deciding, through one identifier of hers, in the caller's transaction."""

    tx: Transaction
    keys: OrganisationKeys
    configuration: Configuration
    held: Held
    now: datetime
    language: str | None = None
    door: str = CENTRE
    source: str = "preference centre"

    @cached_property
    def _rows(self) -> standing.Rows:
        organisation = self.keys.organisation
        return standing.of_person(self.tx, organisation, self.held.subject, self.held.person)

    def _mine(self, purpose: Purpose) -> list[Row]:
        # A no of somebody linked acts here only as long as the link does: this one is hers.
        rows = self._rows.get(purpose.id, ())
        return [row for row in rows if row.subject == self.held.subject]

    def _stands(self, purpose: Purpose) -> Stands:
        places = frozenset({self.held.id})
        return stands(self._mine(purpose), places, alone=purpose.kind == "tracker")

    def stop(self, purposes: Iterable[Purpose]) -> Written | None:
        """Say no to purposes; None if each of them has just become a no."""
        now = to_micros(self.now)
        still = [each for each in purposes if not said_already(self._stands(each), now)]
        return self._record("unsubscribe", dict.fromkeys(still, False)) if still else None

    def stop_marketing(self) -> Written | None:
        """Say no to all marketing, now and to come: noes, and a suppression."""
        every = self.configuration.purposes.values()
        written = self.stop(each for each in every if is_marketing(each))
        log = log_of(self.tx, self.keys.organisation)
        suppressor = Suppressor(
            self.tx, self.keys, self.configuration, log, to_micros(self.now)
        )
        suppressor.add(target_of(self.keys, self.held), scope=MARKETING, reason=_REASON)
        suppressor.keep()
        return written

    def allow(self, purpose: Purpose) -> Written | None:
        """Say yes to a purpose in the words that stand now; None if nothing says them."""
        version = version_with(self.tx, self.configuration, purpose)
        if version is None and purpose.basis == "consent":
            return None
        no = self._stands(purpose).no
        previous = public("dec", no.decision) if no else None
        return self._record("save", {purpose: True}, version=version, previous=previous)

    def undo(self, decision: int) -> list[Written]:
        """Take back a no of the last day: what stood before it stands again, and no more.

        Nothing is written for what was no yes before, or has been decided since.
        """
        values = {"organisation": self.keys.organisation, "id": decision}
        found = self.tx.run(_DECISION, values)
        if not found:
            return []
        subject, recorded_at, choices = found[0]
        too_old = recorded_at < to_micros(self.now - UNDO_FOR)
        if subject != self.held.subject or too_old:
            return []
        groups: dict[int, tuple[VersionShown | None, dict[Purpose, int | None]]] = {}
        for number, choice in as_json(choices).items():
            purpose = self.configuration.purposes.get(int(number))
            row = self._stood(purpose, decision) if purpose else None
            if purpose is None or row is None or not _was_allowed(choice, row):
                continue
            version = self._words_of(purpose, row)
            if version is not None or purpose.basis != "consent":
                # A no taken back gives no longer life than there was.
                ends = row.yes.expires_at if row.yes else None
                group = groups.setdefault(version.id if version else 0, (version, {}))
                group[1][purpose] = ends
        return [
            self._record(
                "undo",
                dict.fromkeys(purposes, True),
                version=version,
                previous=public("dec", decision),
                ends={each.id: end for each, end in purposes.items() if end is not None},
            )
            for version, purposes in groups.values()
        ]

    def _stood(self, purpose: Purpose, decision: int) -> Row | None:
        if self._stands(purpose).state not in NOES:
            return None
        for row in self._mine(purpose):
            latest = row.no is not None and row.no.decision == decision
            if row.identifier == self.held.id and latest:
                return row
        return None

    def _words_of(self, purpose: Purpose, row: Row) -> VersionShown | None:
        notice = row.yes.notice if row.yes else None
        if notice is not None:
            shown = notices.current(self.tx, self.keys.organisation, notice)
            if shown is not None and purpose.id in shown.purposes:
                return shown
        return version_with(self.tx, self.configuration, purpose)

    def _record(
        self,
        action: str,
        choices: dict[Purpose, bool],
        *,
        version: VersionShown | None = None,
        previous: str | None = None,
        ends: dict[int, int] | None = None,
    ) -> Written:
        who = Resolved(self.held.subject, self.held.person, (self.held,), created=False)
        more: dict[str, Any] = {"ends": ends} if ends else {}
        said = NewDecision(
            door=self.door,
            action=action,
            choices=choices,
            told=Told(source=self.source),
            decided_at=self.now,
            assertion=WITNESSED,
            repeats=True,
            version=version,
            language=self.language,
            surface="page",
            previous=previous,
            **more,
        )
        recorder = Recorder(
            self.tx,
            self.keys,
            self.configuration,
            current.keyring().derive("receipts"),
            log_of(self.tx, self.keys.organisation),
            self.now,
        )
        written = recorder.record(who, said)
        # Read again by whoever decides once more in this transaction.
        self.__dict__.pop("_rows", None)
        return written


def _was_allowed(choice: dict[str, Any], row: Row) -> bool:
    # `withdrawn` was granted; an objection met a use that nobody had objected to before.
    if choice["answer"] != "no":
        return False
    return choice["named"] == "objected" or (choice["named"] == "withdrawn" and bool(row.yes))


def version_with(
    tx: Transaction, configuration: Configuration, purpose: Purpose
) -> VersionShown | None:
    """Find the words in force that name a purpose, nearest to a page for people."""
    found = [
        version
        for number in configuration.current.values()
        if (version := notices.version(tx, configuration.organisation, number)) is not None
        and purpose.id in version.purposes
        and version.surface in _SURFACES
    ]
    return min(found, key=_nearness, default=None)


def _nearness(version: VersionShown) -> tuple[int, int]:
    return _SURFACES.index(version.surface), version.notice_id
