"""A batch of rows, recorded in one transaction: what is known is read once for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clock import to_micros
from ..db import Sheaf
from ..decisions import NewDecision, Recorder
from ..decisions.journal import write_lines
from ..decisions.many import write_many
from ..decisions.meet import Known
from ..problems import Problem
from ..subjects import Resolved, prove_facts, record_facts, resolve
from ..subjects.suppress import suppress
from ..web import current
from .judge import Judge, no_marks
from .known import KnownPeople, know
from .parted import NEW, UNCHANGED, Outcome, Parted
from .plain import PlainJudge, PlainReader, PlainRow
from .ready import Importing, Readier, Ready
from .rules.short import Short
from .rules.values import Fault
from .twice import named_twice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..db import Transaction
    from ..decisions.many import Chosen
    from ..notices.values import Purpose
    from .parted import Read


class Batch:
    """Rows on their way into the tables."""

    def __init__(self, tx: Transaction, about: Importing) -> None:
        self.tx = tx
        self.about = about
        self._readier = Readier(tx, about)
        self.sheaf = Sheaf(tx, dry=about.seen is not None)
        self.journal: list[bytes] = []
        self.moment = to_micros(about.now)
        # Nobody whom it names was known.
        self.strangers = False

    def record(self, rows: Sequence[Read], *, yes: bool) -> list[Outcome]:
        """Record the noes and facts of rows, or their yeses; says what became of each."""
        if not rows:
            # So are most batches of a file of yeses while its noes are looked for.
            return []
        parted = self.part(rows, yes=yes)
        people = self.people(parted.plain, parted.ready)
        self.strangers = not (people.holding or people.marks)
        chosen = self.choose(people, parted)
        if self.about.seen is None:
            write_many(self.tx, self.about.keys, self.about.log, chosen, self.journal)
        return self.finish(people, parted)

    def part(self, rows: Sequence[Read], *, yes: bool) -> Parted:
        """Tell plain rows from those to be looked at one by one; some are refused already."""
        parted = Parted([], [], [])
        reader = PlainReader(self.about, self._readier)
        for row in rows:
            short = reader.ready(row) if isinstance(row, Short) else None
            parted.put(short or self._ready_or_not(row, yes=yes))
        return parted

    def choose(self, people: KnownPeople, parted: Parted) -> list[Chosen]:
        """Judge the plain rows; those that turn out not to be are left with the others."""
        judge, chosen = PlainJudge(self.about, people), []
        several = named_twice(people, parted.plain, parted.ready)
        dry, outcomes = self.about.seen is not None, parted.outcomes
        for row in parted.plain:
            line, choice = row.short.line, None
            if row.hash not in several:
                if people.marks and judge.changes_nothing(row):
                    outcomes.append(Outcome(line, UNCHANGED))
                    continue
                choice = judge.judge(row)
            if choice is None:
                parted.put(self._ready_or_not(row.short, yes=row.like.yes))
                continue
            if dry:
                judge.would_write(choice)
            chosen.append(choice)
            outcomes.append(Outcome(line, NEW))
        return chosen

    def finish(self, people: KnownPeople, parted: Parted) -> list[Outcome]:
        """Record what was left, row by row, after the plain ones."""
        parted.ready.sort(key=lambda one: one.row.line)
        outcomes = parted.outcomes + [self._outcome(people, one) for one in parted.ready]
        if self.about.seen is None:
            write_lines(current.settings().data / "journal", self.journal)
        self.sheaf.bind()
        return outcomes

    def _ready_or_not(self, row: Read, *, yes: bool) -> Ready | Outcome:
        if isinstance(row, tuple):
            return Outcome(row[0], "refused", row[1])
        if isinstance(row, Short):
            row = row.whole
        try:
            return self._readier.ready(row, yes=yes)
        except Fault as fault:
            return Outcome(row.line, "refused", fault)

    def people(self, plain: Sequence[PlainRow], ready: Sequence[Ready]) -> KnownPeople:
        """Read what is known of everybody these rows name."""
        asked = (each for one in ready for several in one.hashes for each in several)
        people = know(
            self.tx,
            self.about.organisation,
            hashes=list(dict.fromkeys([*(row.hash for row in plain), *asked])),
            marks=[*(row.mark for row in plain), *(one.mark for one in ready if one.choices)],
            with_facts=any(one.facts.facts for one in ready),
            lock=self.about.seen is None,
        )
        if self.about.seen is not None:
            people.marks |= self.about.seen.among(
                [*(row.mark for row in plain), *(one.mark for one in ready)]
            )
        return people

    def _outcome(self, people: KnownPeople, one: Ready) -> Outcome:
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

    def _carry(self, people: KnownPeople, one: Ready) -> bool:
        held = [
            people.holders(given, hashes)
            for given, hashes in zip(one.given, one.hashes, strict=True)
        ]
        judge = Judge(self.about, people, one, [each for several in held for each in several])
        choices = judge.choices()
        if not (choices or one.facts.facts or one.row.suppress):
            return False
        who = resolve(
            self.sheaf,
            self.about.keys,
            one.given,
            organisation=self.about.organisation,
            now=self.moment,
            held=held,
            facts=bool(one.facts.facts),
        )
        if choices:
            self._record_choices(people, one, who, choices)
        people.learn(who.identifiers)
        changed = self._record_facts(people, one, who)
        if one.row.suppress:
            changed |= self._suppress(people, one, who, *one.row.suppress)
        return changed or bool(choices)

    def _record_facts(self, people: KnownPeople, one: Ready, who: Resolved) -> bool:
        joined = bool(who.added) and not who.created
        if not one.facts.facts and not joined:
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
        if not written and not who.created and not joined:
            return False
        prove_facts(
            self.sheaf,
            self.about.keys,
            who,
            one.facts,
            one.told,
            written=written,
            key=self.about.key_id,
            now=self.moment,
        )
        return True

    def _suppress(
        self, people: KnownPeople, one: Ready, who: Resolved, scope: str, reason: str
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
                    log=self.about.log,
                    now=self.moment,
                )
        return done

    def _record_choices(
        self, people: KnownPeople, one: Ready, who: Resolved, choices: dict[Purpose, bool]
    ) -> None:
        row = one.row
        rows = people.rows.setdefault(who.person, {})
        recorder = Recorder(
            self.sheaf,
            self.about.keys,
            self.about.configuration,
            self.about.receipt_key,
            self.about.log,
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
            noes = [purpose for purpose, yes in choices.items() if not yes]
            marks = [mark for each in noes for mark in no_marks(self.about, one, each)]
            self.about.seen.add(one.mark, marks)
