"""Recording made people: through the doors of the rooms themselves, or their plain choices."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ..clock import to_micros
from ..decisions.choosing import ends
from ..decisions.many import Chosen, write_many
from ..decisions.meet import Known
from ..decisions.record import Recorder
from ..decisions.rules import EVIDENCED, WITNESSED
from ..decisions.values import NewDecision
from ..subjects import Given, NewFact, Told, prove_facts, record_facts, resolve
from ..subjects.identifiers import Identified
from ..subjects.rules import MARKETING
from ..subjects.suppress import Suppressor, target_of
from .base import BEGINS
from .people import DEALT_WITH, Story

if TYPE_CHECKING:
    from datetime import datetime

    from ..decisions.standing import Rows
    from ..notices.values import Purpose
    from ..subjects import Resolved
    from .base import Base
    from .loader import Loader
    from .people import Person

LETTER: Final = "newsletter"
MORE: Final = "prospecting.email"
PROFESSIONAL: Final = "newsletter.professional"
_FORM: Final = Told(source="website-form")
# How much of the base is long ago, and when the rest begins.
_LONG: Final = timedelta(days=400)
_RECENT: Final = timedelta(days=1000)
_HOUR: Final = timedelta(hours=1)
_YEARS: Final = 60


class Scribe:
    """Records people one after the other; `tx` gathers their rows."""

    def __init__(self, base: Base, tx: Loader) -> None:
        self._base, self._tx = base, tx
        # Lines of the journals, to be flushed before the rows are committed.
        self.noes: list[bytes] = []
        self.suppressions: list[bytes] = []
        self.chosen: list[Chosen] = []

    def write(self, person: Person) -> None:
        """Record one person, and all that became of her."""
        when = self._when(person)
        match person.story:
            case Story.VISITOR:
                self._plain(person, when, {}, yes=bool(person.draw & 1))
            case Story.READS | Story.LONG_AGO:
                self._plain(person, when, {LETTER: True})
            case Story.REFUSED:
                self._plain(person, when, {LETTER: False})
            case Story.READS_AND_MORE:
                self._plain(person, when, {LETTER: True, MORE: bool(person.draw & 1)})
            case _:
                self._told(person, when)

    def _when(self, person: Person) -> datetime:
        base = self._base
        if person.story is Story.LONG_AGO:
            return base.ends - BEGINS + _HOUR + person.when * _LONG
        return base.ends - _RECENT + person.when * (_RECENT - 30 * _HOUR)

    def _plain(
        self,
        person: Person,
        when: datetime,
        choices: dict[str, bool],
        *,
        yes: bool = True,
    ) -> None:
        base = self._base
        given = identified(person)[0]
        more = sum(answer << place for place, answer in enumerate(choices.values()))
        if person.visitor:
            pattern = base.pattern("banner", int(yes), lambda: self._banner(when, yes=yes))
        else:
            name = ",".join(choices)
            pattern = base.pattern(name, more, lambda: self._form(when, choices))
        moment = to_micros(when)
        self.chosen.append(
            Chosen(
                pattern=pattern,
                kind=given.kind,
                match=given.match,
                display=given.display,
                hash=base.hasher(given.kind)(given.match),
                recorded_at=moment,
                decided_at=moment,
                given_at=moment,
                expiries=tuple(
                    ends(moment, validity) if validity else None
                    for _, answer, validity in pattern.answers
                    if answer
                ),
                named=tuple("refused" for _, answer, _ in pattern.answers if not answer),
            )
        )

    def end(self) -> None:
        """Write the plain choices, and everything that was gathered beside them."""
        base = self._base
        write_many(self._tx, base.keys, base.log, self.chosen, self.noes)
        self._tx.load()

    def _form(self, when: datetime, choices: dict[str, bool]) -> NewDecision:
        base = self._base
        return NewDecision(
            door="subscription",
            action="save",
            choices={self._purpose(slug): yes for slug, yes in choices.items()},
            told=_FORM,
            decided_at=when,
            assertion=WITNESSED,
            version=base.form,
            language="fr",
            surface="page",
            site=base.site,
        )

    def _banner(self, when: datetime, *, yes: bool) -> NewDecision:
        base = self._base
        asked = [base.configuration.purposes[number] for number in base.banner.purposes]
        return NewDecision(
            door="banner",
            action="accept_all" if yes else "refuse_all",
            choices={purpose: yes for purpose in asked if not purpose.exempt},
            told=Told(source="device"),
            decided_at=when,
            assertion=WITNESSED,
            version=base.banner,
            language="fr",
            surface="first_layer",
            site=base.site,
        )

    def _told(self, person: Person, when: datetime) -> None:
        base, tx, moment = self._base, self._tx, to_micros(when)
        given, facts = identified(person), _facts(person, when)
        who = resolve(
            tx,
            base.keys,
            given,
            organisation=base.keys.organisation,
            now=moment,
            held=[[] for _ in given],
            facts=bool(facts.facts),
        )
        told = Told(source="meeting") if facts.facts else _FORM
        written = record_facts(
            tx, base.keys, who.subject, facts.facts, told=told, now=moment, known=[]
        )
        prove_facts(tx, base.keys, who, facts, told, written=written, key=None, now=moment)
        self._decide(person, who, when)

    def _decide(self, person: Person, who: Resolved, when: datetime) -> None:
        rows: Rows = {}
        later = when + _HOUR * (1 + person.draw % 20)
        match person.story:
            case Story.PROSPECT:
                pass
            case Story.UNCONFIRMED:
                self._say(who, rows, when, {LETTER: True}, claim=True)
            case Story.OBJECTED:
                self._say(who, rows, when, {PROFESSIONAL: False})
            case Story.LEFT:
                self._say(who, rows, when, {LETTER: True})
                self._say(who, rows, later, {LETTER: False})
            case Story.SUPPRESSED:
                self._say(who, rows, when, {LETTER: True})
                self._suppress(who, later)
            case _:
                self._say(who, rows, when, {LETTER: True})

    def _say(
        self,
        who: Resolved,
        rows: Rows,
        when: datetime,
        choices: dict[str, bool],
        *,
        claim: bool = False,
    ) -> None:
        base = self._base
        known = Known(version=None, same=None, holding=[], rows=rows, previous=None)
        said = NewDecision(
            door="import",
            action="save",
            choices={self._purpose(slug): yes for slug, yes in choices.items()},
            told=_FORM,
            decided_at=when,
            assertion=EVIDENCED,
            claim=claim,
            evidence="made with the base",
            version=base.form if LETTER in choices else None,
        )
        recorder = Recorder(
            self._tx,
            base.keys,
            base.configuration,
            base.receipt_key,
            base.log,
            when,
            known,
            self.noes,
        )
        recorder.record(who, said)

    def _suppress(self, who: Resolved, when: datetime) -> None:
        base = self._base
        suppressor = Suppressor(
            self._tx, base.keys, base.configuration, base.log, to_micros(when)
        )
        whom = target_of(base.keys, who.identifiers[0])
        suppressor.add(whom, scope=MARKETING, reason="complained")
        self.suppressions += suppressor.lines

    def _purpose(self, slug: str) -> Purpose:
        found = self._base.configuration.purpose(slug)
        if found is None:
            raise LookupError(f"the organisation has no purpose {slug}")
        return found


def identified(person: Person) -> list[Identified]:
    """Tell what a made person is known by, as if it had been read."""
    # Each is in the form that its kind is matched in.
    named = (
        ("email", person.email),
        ("phone", person.phone),
        ("external_id", person.external_id),
        ("visitor", person.visitor),
    )
    return [Identified(kind, text, text) for kind, text in named if text]  # type: ignore[arg-type]


def _facts(person: Person, when: datetime) -> Given:
    if person.story not in DEALT_WITH:
        return Given()
    kind = "customer" if person.story is Story.CUSTOMER else "prospect"
    day = when.replace(hour=0, minute=0, second=0, microsecond=0)
    return Given(
        facts=(
            NewFact(kind="relationship", body={"kind": kind}, since=day),
            NewFact(kind="capacity", body={"capacity": "professional"}),
            NewFact(kind="country", body={"country": "FR"}),
        )
    )
