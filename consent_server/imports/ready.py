"""Rows made ready: names become identifiers, purposes and versions, or the row is at fault."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from .. import notices
from ..clock import rfc3339_micros, to_micros
from ..decisions.check import not_answerable
from ..organisations import log_of
from ..subjects import Given, Identified, NotAnIdentifier, Told, facts_in, identify
from ..subjects.read import region_of
from ..web import current
from .rules.values import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration, Purpose, VersionShown
    from .rules.values import Row
    from .seen import Seen

# A clock a little ahead is a clock (decisions.record).
SLACK: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class Importing:
    """What recording rows needs beside the rows."""

    organisation: int
    job: int
    keys: OrganisationKeys
    configuration: Configuration
    versions: dict[int, VersionShown | None]
    now: datetime
    log: str
    receipt_key: bytes
    key_id: str | None = None
    # Of a dry run: what earlier batches would have recorded.
    seen: Seen | None = None
    region: str = ""
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)


def importing(
    tx: Transaction,
    organisation: int,
    job: int,
    keys: OrganisationKeys,
    *,
    key_id: str | None,
    seen: Seen | None,
) -> Importing:
    """Gather what holds for a whole batch."""
    configuration = notices.configuration(tx, organisation)
    return Importing(
        organisation,
        job,
        keys,
        configuration,
        {},
        current.now(),
        log_of(tx, organisation),
        current.keyring().derive("receipts"),
        key_id,
        seen,
        region_of(configuration),
        {each["slug"]: each for each in configuration.settings.get("sources", ())},
    )


@dataclass(slots=True)
class Ready:
    """A row whose names are resolved: identifiers, purposes, the words."""

    row: Row
    given: list[Identified]
    hashes: list[list[bytes]]
    choices: dict[Purpose, bool]
    told: Told
    facts: Given
    version: VersionShown | None
    mark: str


_NONE: Final = Given()


class Readier:
    """Makes rows ready, for one batch."""

    def __init__(self, tx: Transaction, about: Importing) -> None:
        self.tx = tx
        self.about = about

    def ready(self, row: Row, *, yes: bool) -> Ready:
        """Make a row ready, for its noes and facts or for its yeses; raises `Fault`."""
        given = self._identified(row)
        choices = self._choices(row, yes=yes)
        told = self._told(row)
        if row.facts.get("birth_year", 0) > self.about.now.year:
            raise Fault("future", "birth_year", "nobody was born in a year to come")
        facts = facts_in(row.facts) if row.facts and yes is row.yes else _NONE
        keys = self.about.keys
        hashes = [
            [keys.index(one.kind, one.match, each) for each in keys.index_keys] for one in given
        ]
        version = self._version(row, choices)
        return Ready(
            row, given, hashes, choices, told, facts, version, self._mark(row, given, choices)
        )

    def _identified(self, row: Row) -> list[Identified]:
        if not row.identifiers:
            raise Fault("nobody", "email", "give an email, phone, external_id or visitor")
        given = []
        for kind, text in row.identifiers:
            try:
                given.append(identify(kind, text, region=self.about.region))  # type: ignore[arg-type] # by its column
            except NotAnIdentifier as error:
                raise Fault("not_an_identifier", kind, str(error)) from None
        return given

    def _choices(self, row: Row, *, yes: bool) -> dict[Purpose, bool]:
        choices: dict[Purpose, bool] = {}
        for name, answer in row.choices.items():
            purpose = self.about.configuration.purpose(name)
            wrong = not_answerable(purpose, None, yes=answer)
            if wrong or purpose is None:
                raise Fault("unknown_purpose", "purpose", wrong)
            if answer is yes:
                choices[purpose] = answer
        if row.decided_at is not None and row.decided_at > self.about.now + SLACK:
            raise Fault("future", "decided_at", "a time in the future cannot be recorded")
        return choices

    def _version(self, row: Row, choices: dict[Purpose, bool]) -> VersionShown | None:
        version = None
        if row.version is not None:
            known = self.about.versions
            if row.version not in known:
                known[row.version] = notices.version(
                    self.tx, self.about.organisation, row.version
                )
            version = known[row.version]
            if version is None:
                raise Fault(
                    "unknown_notice_version",
                    "notice_version",
                    "this organisation has no such notice version",
                )
        for purpose, yes in choices.items():
            if yes and version is not None and purpose.id not in version.purposes:
                raise Fault(
                    "unknown_purpose", "purpose", "this purpose is not in the notice version"
                )
            if yes and version is None and purpose.basis == "consent" and not row.evidence:
                raise Fault(
                    "needs_evidence",
                    "evidence",
                    "name the words that were answered (notice_version), or the evidence",
                )
        return version

    def _told(self, row: Row) -> Told:
        declared = self.about.sources.get(row.source, {})
        if declared.get("requires_on_behalf_of") and not row.on_behalf_of:
            raise Fault("needs_on_behalf_of", "on_behalf_of", "say for whom the source speaks")
        return Told(
            source=row.source,
            actor=row.actor,
            on_behalf_of=row.on_behalf_of,
            informed_at=row.informed_at,
            third_party=bool(declared.get("third_party")),
        )

    def _mark(self, row: Row, given: Sequence[Identified], choices: dict[Purpose, bool]) -> str:
        """Name what a row says, so that it is known when it comes again."""
        return _mark(self.about.keys.index("import", self.mark_text(row, given, choices)))

    def mark_text(
        self, row: Row, given: Sequence[Identified], choices: dict[Purpose, bool]
    ) -> str:
        """Write what a row says: who, what, when, and on which grounds, one a line."""
        who = "|".join(sorted(f"{one.kind}:{one.match}" for one in given))
        what = "|".join(sorted(f"{one.id}={yes}" for one, yes in choices.items()))
        when = rfc3339_micros(to_micros(row.decided_at)) if row.decided_at else ""
        return f"{who}\n{what}\n{when}\n{row.version}\n{row.evidence}\n{row.assertion}"


def _mark(hashed: bytes) -> str:
    return f"imp-{urlsafe_b64encode(hashed[:18]).decode()}"
