"""A batch of rows, recorded in one transaction: what is known is read once for all of them."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from .. import notices
from ..clock import rfc3339_micros, to_micros
from ..db import Sheaf
from ..decisions import NewDecision, Recorder
from ..decisions.check import not_answerable
from ..decisions.journal import write_lines
from ..decisions.meet import Known
from ..organisations import log_of
from ..permissions.rules import covers
from ..problems import Problem
from ..subjects import (
    Given,
    Identified,
    NotAnIdentifier,
    Resolved,
    Told,
    facts_in,
    identify,
    prove_facts,
    record_facts,
    resolve,
)
from ..subjects.read import region_of
from ..subjects.suppress import suppress
from ..web import current
from .known import KnownPeople, know
from .rules.carry import refuse_yes, says_no_already
from .rules.rows import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration, Purpose, VersionShown
    from .rules.rows import Row
    from .seen import Seen

NEW: Final = "new"
UNCHANGED: Final = "unchanged"
# A clock a little ahead is a clock (decisions.record).
_SLACK: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class Outcome:
    """What became of a row: new, unchanged, or refused and why."""

    line: int
    what: str
    fault: Fault | None = None


@dataclass(frozen=True)
class Importing:
    """What recording rows needs beside the rows."""

    organisation: int
    job: int
    keys: OrganisationKeys
    configuration: Configuration
    versions: dict[int, VersionShown | None]
    now: datetime
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
        key_id,
        seen,
        region_of(configuration),
        {each["slug"]: each for each in configuration.settings.get("sources", ())},
    )


@dataclass(slots=True)
class _Ready:
    """A row whose names are resolved: identifiers, purposes, the words."""

    row: Row
    given: list[Identified]
    hashes: list[list[bytes]]
    choices: dict[Purpose, bool]
    told: Told
    facts: Given
    version: VersionShown | None
    mark: str


class Batch:
    """Rows on their way into the tables."""

    def __init__(self, tx: Transaction, about: Importing) -> None:
        self.tx = tx
        self.about = about
        self.sheaf = Sheaf(tx, dry=about.seen is not None)
        self.journal: list[bytes] = []
        self.moment = to_micros(about.now)

    def record(self, rows: Sequence[Row | tuple[int, Fault]], *, yes: bool) -> list[Outcome]:
        """Record the noes and facts of rows, or their yeses; says what became of each."""
        outcomes: list[Outcome] = []
        ready: list[_Ready] = []
        for row in rows:
            one = self._ready_or_not(row, yes=yes)
            if isinstance(one, Outcome):
                outcomes.append(one)
            else:
                ready.append(one)
        people = self._people(ready)
        outcomes += [self._outcome(people, one) for one in ready]
        if self.about.seen is None:
            write_lines(current.settings().data / "journal", self.journal)
        self.sheaf.bind()
        return outcomes

    def _ready_or_not(self, row: Row | tuple[int, Fault], *, yes: bool) -> _Ready | Outcome:
        if isinstance(row, tuple):
            return Outcome(row[0], "refused", row[1])
        try:
            return self._ready(row, yes=yes)
        except Fault as fault:
            return Outcome(row.line, "refused", fault)

    def _people(self, ready: Sequence[_Ready]) -> KnownPeople:
        people = know(
            self.tx,
            self.about.organisation,
            hashes=list({each: None for one in ready for all_ in one.hashes for each in all_}),
            marks=[one.mark for one in ready if one.choices],
            with_facts=any(one.facts.facts for one in ready),
            lock=self.about.seen is None,
        )
        if self.about.seen is not None:
            people.marks |= self.about.seen.among([one.mark for one in ready])
        return people

    # -- names --------------------------------------------------------------------------

    def _ready(self, row: Row, *, yes: bool) -> _Ready:
        given = self._identified(row)
        choices = self._choices(row, yes=yes)
        told = self._told(row)
        facts = Given() if yes is not row.yes else facts_in(row.facts)
        keys = self.about.keys
        hashes = [
            [keys.index(one.kind, one.match, each) for each in keys.index_keys] for one in given
        ]
        version = self._version(row, choices)
        return _Ready(
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
        if row.decided_at is not None and row.decided_at > self.about.now + _SLACK:
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
        who = "|".join(sorted(f"{one.kind}:{one.match}" for one in given))
        what = "|".join(sorted(f"{one.id}={yes}" for one, yes in choices.items()))
        when = rfc3339_micros(to_micros(row.decided_at)) if row.decided_at else ""
        text = f"{who}\n{what}\n{when}\n{row.version}\n{row.evidence}\n{row.assertion}"
        return _mark(self.about.keys.index("import", text))

    # -- rows ---------------------------------------------------------------------------

    def _outcome(self, people: KnownPeople, one: _Ready) -> Outcome:
        line, places = one.row.line, self.sheaf.places()
        try:
            changed = self._carry(people, one)
        except Fault as fault:
            return Outcome(line, "refused", fault)
        except Problem as problem:
            # A refused row makes nobody.
            self.sheaf.drop(places)
            return Outcome(line, "refused", Fault(problem.code, "", problem.detail))
        return Outcome(line, NEW if changed else UNCHANGED)

    def _carry(self, people: KnownPeople, one: _Ready) -> bool:
        held = [
            people.holders(given, hashes)
            for given, hashes in zip(one.given, one.hashes, strict=True)
        ]
        choices = self._new_choices(people, one, [each for several in held for each in several])
        if not (choices or one.facts.facts or one.row.suppress):
            return False
        who = resolve(
            self.sheaf,
            self.about.keys,
            one.given,
            organisation=self.about.organisation,
            now=self.moment,
            held=held,
        )
        if choices:
            self._record_choices(people, one, who, choices)
        people.learn(who.identifiers)
        changed = self._record_facts(people, one, who)
        if one.row.suppress:
            changed |= self._suppress(people, one, who, *one.row.suppress)
        return changed or bool(choices)

    def _new_choices(
        self, people: KnownPeople, one: _Ready, held: Sequence[Any]
    ) -> dict[Purpose, bool]:
        """Give the answers that say something new; raises `Fault` for a yes that may not."""
        if not one.choices or (
            one.mark in people.marks and (one.row.decided_at or one.row.yes)
        ):
            return {}
        persons = {each.person for each in held}
        places = frozenset(each.id for each in held)
        shared = bool(held) and all(each.shared for each in held)
        choices = {}
        for purpose, yes in one.choices.items():
            rows = [
                row for each in persons for row in people.rows.get(each, {}).get(purpose.id, ())
            ]
            alone = purpose.kind == "tracker" or shared
            if yes:
                self._refuse(people, one, purpose, rows, places, persons, alone=alone)
            elif one.row.decided_at is None and (
                says_no_already(rows, places, alone=alone)
                # A dry run has made nobody who could be found.
                or (self.about.seen is not None and not held and one.mark in people.marks)
            ):
                continue
            choices[purpose] = yes
        return choices

    def _refuse(
        self,
        people: KnownPeople,
        one: _Ready,
        purpose: Purpose,
        rows: Sequence[Any],
        places: frozenset[int],
        persons: set[int],
        *,
        alone: bool,
    ) -> None:
        found = [
            each
            for several in one.hashes
            for own in several
            for each in people.suppressed.get(own, ())
        ]
        for person in persons:
            found += people.suppressed_persons.get(person, ())
        if any(covers(scope, purpose) and purpose.id not in lifted for scope, lifted in found):
            raise Fault("suppressed", "", "only the person herself can lift this")
        if self.about.seen is not None and self.about.seen.says_no(
            self._no_marks(one, purpose)
        ):
            raise Fault("later_no", "answer", "the file itself holds a no of this person")
        if one.row.previous is not None or one.row.decided_at is None:
            return
        given_at = min(to_micros(one.row.decided_at), self.moment)
        why = refuse_yes(
            rows, places, alone=alone, given_at=given_at, assertion=one.row.assertion
        )
        if why is not None:
            raise Fault(why, "answer", _RIGHT[why])

    def _no_marks(self, one: _Ready, purpose: Purpose) -> list[bytes]:
        keys = self.about.keys
        return [
            keys.index("import_no", f"{purpose.id}|{given.kind}|{given.match}")
            for given in one.given
        ]

    def _record_facts(self, people: KnownPeople, one: _Ready, who: Resolved) -> bool:
        if not one.facts.facts:
            return False
        written = record_facts(
            self.sheaf,
            self.about.keys,
            who.subject,
            one.facts.facts,
            told=one.told,
            now=self.moment,
            known=people.facts.setdefault(who.subject, []),
        )
        if not written and not who.created:
            return False
        prove_facts(
            self.sheaf,
            self.about.keys,
            who,
            one.facts,
            one.told,
            key=self.about.key_id,
            now=self.moment,
        )
        return True

    def _suppress(
        self, people: KnownPeople, one: _Ready, who: Resolved, scope: str, reason: str
    ) -> bool:
        done = False
        for held, hashes in zip(who.identifiers, one.hashes, strict=True):
            known = [each for own in hashes for each in people.suppressed.get(own, ())]
            if any(told == scope and not lifted for told, lifted in known):
                continue
            for own in hashes:
                people.suppressed.setdefault(own, []).append((scope, frozenset()))
            done = True
            if self.about.seen is None:
                suppress(
                    self.sheaf,
                    self.about.keys,
                    held,
                    scope=scope,
                    reason=reason,
                    log=log_of(self.tx, self.about.organisation),
                    now=self.moment,
                )
        return done

    def _record_choices(
        self, people: KnownPeople, one: _Ready, who: Resolved, choices: dict[Purpose, bool]
    ) -> None:
        row = one.row
        rows = people.rows.setdefault(who.person, {})
        recorder = Recorder(
            self.sheaf,
            self.about.keys,
            self.about.configuration,
            current.keyring().derive("receipts"),
            log_of(self.tx, self.about.organisation),
            self.about.now,
            Known(version=None, same=None, holding=[], rows=rows, previous=None),
            self.journal,
        )
        recorder.record(
            who,
            NewDecision(
                door="import",
                action="save",
                choices=choices,
                told=one.told,
                decided_at=row.decided_at or self.about.now,
                assertion=row.assertion,
                evidence=row.evidence,
                version=one.version,
                previous=row.previous,
                client_id=one.mark,
                key_id=self.about.key_id,
            ),
        )
        people.marks.add(one.mark)
        if self.about.seen is not None:
            noes = [p for p, yes in choices.items() if not yes]
            self.about.seen.add(
                one.mark, [each for p in noes for each in self._no_marks(one, p)]
            )


_RIGHT: Final = {
    "later_no": "only a yes that the person gave after her no was recorded is carried over",
    "unproven": "name the evidence of the yes that she gave after her no",
}


def _mark(hashed: bytes) -> str:
    return f"imp-{urlsafe_b64encode(hashed[:18]).decode()}"
