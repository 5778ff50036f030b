"""How often, and not before when: pauses and caps that a person chose, as dated facts.

They are facts of a subject like any other, so that whoever reads what is known of somebody
reads them with it, now or as of a past day. They only ever forbid; what a person takes back
is a newer fact in the older one's place.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from ..clock import from_micros, read_period, to_micros
from ..problems import Conflict
from ..subjects import Given, NewFact, Resolved, prove_facts, record_facts
from ..subjects.facts import close_facts, known_facts
from ..subjects.holdings import subjects_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from ..subjects import Held, Told

PAUSE: Final = "pause"
CAP: Final = "cap"
# Rarer than this is a no, and says so better.
PERIODS: Final = ("P1D", "P1W", "P1M", "P3M")
MOST: Final = 31


class OnlyThePerson(Conflict):
    """A system may ask for less on a person's behalf, never for more."""

    code = "only_the_person"
    title = "Only the person may take this back"


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What stands for one scope: until when nothing, and how often at most."""

    scope: str
    until: datetime | None = None
    most: int | None = None
    within: str | None = None


@dataclass(frozen=True)
class Frequency:
    """One person's pauses and caps, read and written in the caller's transaction."""

    tx: Transaction
    keys: OrganisationKeys
    held: Held
    now: datetime
    # The key that says so; None is the person herself.
    by: str | None = None
    # Whoever has not shown to be the person may ask for less, never for more.
    only_less: bool = False

    @property
    def _bound(self) -> bool:
        return self.only_less or self.by is not None

    def standing(self, scope: str) -> Chosen:
        """Tell what stands for a scope: the strictest, where linked subjects differ."""
        pauses = [each["until"] for each in self._open(PAUSE, scope)]
        until = max((each for each in pauses if each > to_micros(self.now)), default=None)
        caps = [each["body"] for each in self._open(CAP, scope) if each["body"].get("most")]
        cap: dict[str, Any] = min(caps, key=_rate, default={})
        return Chosen(
            scope=scope,
            until=from_micros(until) if until is not None else None,
            most=cap.get("most"),
            within=cap.get("within"),
        )

    def pause(self, scope: str, until: datetime, told: Told) -> None:
        """Let nothing of a scope come until a moment; one that is not ahead ends a pause."""
        stood = self.standing(scope).until
        if self._bound and stood is not None and until < stood:
            raise OnlyThePerson("she asked for a longer pause herself")
        if stood == until or (stood is None and until <= self.now):
            return
        self._write(
            NewFact(kind=PAUSE, body={"scope": scope}, since=self.now, until=until), told
        )

    def cap(self, scope: str, most: int | None, within: str, told: Told) -> None:
        """Let no more than so many come in a period; None takes a cap back."""
        stood = self.standing(scope)
        before = {"most": stood.most, "within": stood.within}
        wanted = {"most": most, "within": within}
        if self._bound and stood.most is not None and not _stricter(wanted, before):
            raise OnlyThePerson("she asked for fewer contacts herself")
        if wanted == before or (most is None and stood.most is None):
            return
        body = {"scope": scope, **wanted}
        self._write(NewFact(kind=CAP, body=body, since=self.now), told)

    def _write(self, fact: NewFact, told: Told) -> None:
        moment, held = to_micros(self.now), self.held
        older = self._open(fact.kind, str(fact.body["scope"]))
        close_facts(self.tx, self.keys.organisation, older, moment)
        self.__dict__.pop("_facts", None)
        written = record_facts(
            self.tx, self.keys, held.subject, [fact], told=told, now=moment, known=[]
        )
        prove_facts(
            self.tx,
            self.keys,
            Resolved(held.subject, held.person, (held,), created=False),
            Given(facts=(fact,)),
            told,
            written=written,
            key=self.by,
            now=moment,
        )

    def _open(self, kind: str, scope: str) -> list[dict[str, Any]]:
        return [
            fact
            for fact in self._facts
            if fact["kind"] == kind and fact["body"]["scope"] == scope
        ]

    @cached_property
    def _facts(self) -> list[dict[str, Any]]:
        # Read once: a page asks for every purpose of an organisation.
        organisation = self.keys.organisation
        person = subjects_of(self.tx, organisation, self.held.person) or [self.held.subject]
        return [
            fact for subject in person for fact in known_facts(self.tx, organisation, subject)
        ]


def _days(within: str) -> float:
    months, rest = read_period(within)
    return months * 30 + rest.days


def _rate(cap: Mapping[str, Any]) -> float:
    return float(cap["most"]) / _days(cap["within"])


def _stricter(wanted: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    if wanted["most"] is None:
        return False
    longer = _days(wanted["within"]) >= _days(before["within"])
    return bool(longer and wanted["most"] <= before["most"])
