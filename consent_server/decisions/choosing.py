"""Choosing: one decision's answers let into the rows of its person, purpose by purpose."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

from ..clock import add_period, from_micros, to_micros
from .rules import (
    CLAIMED,
    STRENGTH,
    WITNESSED_BY_KEY,
    No,
    Row,
    Yes,
    across,
    acting,
    add_no,
    add_yes,
    name_the_no,
    settle,
    stands,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..notices.values import Configuration, Purpose
    from ..subjects import Resolved
    from .standing import Rows
    from .values import NewDecision

_DAY: Final = 86_400_000_000
_LAST: Final = to_micros(datetime.max.replace(tzinfo=UTC)) - _DAY


@dataclass
class Choosing:
    """The answers of one decision, and what they make of the standing."""

    id: int
    who: Resolved
    said: NewDecision
    rows: Rows
    configuration: Configuration
    recorded_at: int
    given_at: int
    # The noes that a yes of this decision names, itself or through what it follows.
    names: frozenset[int] = frozenset()
    # Said on a device where this account is signed in: what the account answered has been
    # let into the rows already.
    account: frozenset[int] = frozenset()
    # The rows before that.
    before: Rows | None = None
    choices: dict[str, dict[str, Any]] = field(default_factory=dict)
    written: list[tuple[int, Row]] = field(default_factory=list)
    # The purposes whose no meets a yes of this person, through whichever identifier.
    undoing: set[str] = field(default_factory=set)

    @cached_property
    def places(self) -> frozenset[int]:
        """The identifiers the decision was made through."""
        return frozenset(held.id for held in self.who.identifiers)

    def acting(self, purpose: Purpose) -> list[No]:
        """Gather the noes that act on these identifiers."""
        shared = all(held.shared for held in self.who.identifiers)
        alone = purpose.kind == "tracker" or shared
        return acting(self.rows.get(purpose.id, ()), self.places, alone=alone)

    def state(self, purpose: Purpose, rows: Rows | None = None) -> str:
        """Say how the identifiers stand for a purpose."""
        several = (self.rows if rows is None else rows).get(purpose.id, [])
        if self.account:
            rule = self.configuration.device_conflict
            stood = across(several, self.places, self.account, rule)
        else:
            stood = stands(several, self.places, alone=purpose.kind == "tracker")
        notice = stood.yes.notice if stood.yes else None
        floor = self.configuration.floors.get((notice or 0, purpose.id), 0)
        return settle(stood, floor=floor, now=self.recorded_at)

    def claim(self, purpose: Purpose) -> None:
        """Keep that somebody said yes, whom nobody knows: what stands, stands as it did."""
        rows = self.rows.setdefault(purpose.id, [])
        known = {(row.subject, row.identifier) for row in rows}
        for held in self.who.identifiers:
            if (self.who.subject, held.id) not in known:
                row = Row(subject=self.who.subject, identifier=held.id)
                rows.append(row)
                self.written.append((purpose.id, row))
        self.choices[str(purpose.id)] = {
            "answer": CLAIMED,
            "named": "unconfirmed",
            "expires_at": None,
            "enough": 0,
            "state": self.state(purpose),
        }

    def choose(self, purpose: Purpose, *, yes: bool) -> None:
        """Let one answer into the rows."""
        answer = self._yes(purpose) if yes else self._no(purpose)
        if self.account and yes:
            # Whoever uses the device next, signed out, finds it as it was (CNIL-14).
            self.choices[str(purpose.id)] = {**self._choice(purpose, answer), "opens": []}
            return
        alone = purpose.kind == "tracker"
        mine = {(row.subject, row.identifier): row for row in self.rows.get(purpose.id, ())}
        for held in self.who.identifiers:
            place = (self.who.subject, held.id)
            row = mine.get(place) or Row(subject=self.who.subject, identifier=held.id)
            if isinstance(answer, Yes):
                own = [r for r in mine.values() if r.subject == self.who.subject]
                row = add_yes(row, answer, acting(own, frozenset({held.id}), alone=alone))
            else:
                row = add_no(row, answer)
            mine[place] = row
            self.written.append((purpose.id, row))
        self.rows[purpose.id] = list(mine.values())
        self.choices[str(purpose.id)] = self._choice(purpose, answer)

    def _choice(self, purpose: Purpose, answer: Yes | No) -> dict[str, Any]:
        state = self.state(purpose)
        if isinstance(answer, No):
            return {
                "answer": "no",
                "named": answer.state,
                "expires_at": None,
                "enough": 1,
                "state": state,
            }
        choice: dict[str, Any] = {
            "answer": "yes",
            "named": "granted",
            "expires_at": answer.expires_at,
            "enough": int(answer.enough),
            "state": state,
        }
        if answer.names:
            choice["names"] = sorted(answer.names)
        return choice

    def _no(self, purpose: Purpose) -> No:
        stood = self.state(purpose, self.before)
        state = name_the_no(
            purpose.basis,
            granted=stood == "granted",
            repeats=stood if self.said.repeats else "",
        )
        if any(row.yes is not None for row in self.rows.get(purpose.id, ())):
            self.undoing.add(str(purpose.id))
        return No(decision=self.id, recorded_at=self.recorded_at, state=state)

    def _yes(self, purpose: Purpose) -> Yes:
        version = self.said.version
        needed = STRENGTH.get(purpose.assertion, STRENGTH[WITNESSED_BY_KEY])
        return Yes(
            decision=self.id,
            given_at=self.given_at,
            recorded_at=self.recorded_at,
            assertion=self.said.assertion,
            enough=STRENGTH[self.said.assertion] >= needed,
            expires_at=self._expiry(purpose),
            notice=version.notice_id if version else None,
            number=version.number if version else None,
            version=version.id if version else None,
            names=self.names,
        )

    def _expiry(self, purpose: Purpose) -> int | None:
        own, limit = _expiry(purpose, self.given_at), self.said.ends.get(purpose.id)
        return min((each for each in (own, limit) if each is not None), default=None)


def latest(rows: Mapping[int, Sequence[Row]]) -> int:
    """Give the time of the last thing recorded of a person."""
    moments = [0]
    for several in rows.values():
        for row in several:
            moments += [row.yes.recorded_at] if row.yes else []
            moments += [row.no.recorded_at] if row.no else []
    return max(moments)


def _expiry(purpose: Purpose, given_at: int) -> int | None:
    return None if purpose.validity is None else ends(given_at, purpose.validity)


def ends(given_at: int, validity: str) -> int:
    """Tell when a yes given at a moment ends."""
    day, since = divmod(given_at, _DAY)
    until = _ends_of_day(day, validity) + since
    # The last day that a calendar can name ends with everything that would go beyond it.
    return until if until < _LAST else to_micros(add_period(from_micros(given_at), validity))


@lru_cache(maxsize=4096)
def _ends_of_day(day: int, validity: str) -> int:
    # A period moves the day, or moves all moments of a day alike: most of them are asked of.
    return to_micros(add_period(from_micros(day * _DAY), validity))
