"""Plain rows: short ones that leave the rules no question, told apart from all others.

A row is plain if it names nobody whom another row of its batch names, and either changes
nothing, or says yes where there was no no and no better yes, or no where there was no no. It
is written with all others of its kind (decisions/many.py); the rest go the way of `Batch`. The
rules would make the same of it; a property test has both write it.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..clock import to_micros
from ..decisions.choosing import ends, latest
from ..decisions.many import Chosen
from ..decisions.pattern import Pattern
from ..decisions.rules import Row as Standing
from ..decisions.rules import name_the_no, settle, stands
from ..decisions.standing import part
from ..decisions.values import NewDecision
from .judge import no_mark
from .ready import SLACK
from .rules.values import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..notices.values import Purpose
    from .known import KnownPeople
    from .ready import Importing, Readier
    from .rules.short import Short
    from .rules.values import Row

_KIND: Final = "email"
_SLACK: Final = SLACK // SLACK.resolution
_MOST: Final = 1024
_NOBODY: Final[Mapping[int, Standing]] = {}
_NONE: Final[tuple[Any, ...]] = ()
_NOTHING: Final[Sequence[tuple[int, Standing]]] = ()


class Like(NamedTuple):
    """What all rows that say the same have in common."""

    pattern: Pattern
    yes: bool
    # What of their mark comes before the time, and after it.
    before: str
    after: str


class PlainRow(NamedTuple):
    """A short row, ready to be judged by what is known of whom it names."""

    short: Short
    like: Like
    hash: bytes
    mark: str


class PlainReader:
    """Makes the short rows of a batch ready."""

    def __init__(self, about: Importing, readier: Readier) -> None:
        self._about, self._readier = about, readier
        keys = about.keys
        self._hash, self._mark = keys.hasher(_KIND), keys.hasher("import")
        # After a change of keys people are looked for under each of them.
        self._able = len(keys.index_keys) == 1
        self._known: dict[int, Like | None] = {}
        self._last = to_micros(about.now) + _SLACK

    def ready(self, short: Short) -> PlainRow | None:
        """Make a row ready; None if it must be looked at by itself."""
        like = self._known.get(id(short.like))
        if like is None:
            if not self._able or id(short.like) in self._known:
                return None
            like = self._known[id(short.like)] = self._like(short)
            if like is None:
                return None
        at = short.decided_at
        if at is not None and at > self._last:
            return None
        marked = self._mark(f"email:{short.match}\n{like.before}\n{short.when}\n{like.after}")
        mark = f"imp-{urlsafe_b64encode(marked[:18]).decode()}"
        return PlainRow(short, like, self._hash(short.match), mark)

    def _like(self, short: Short) -> Like | None:
        # Kept with the configuration that it was checked under.
        about, row = self._about, short.like
        kept = about.configuration.worked_out.setdefault("imports", {})
        said = (about.key_id, _said(row))
        if said not in kept:
            if len(kept) >= _MOST:
                kept.clear()
            kept[said] = self._checked(short.whole)
        found: Like | None = kept[said]
        return found

    def _checked(self, row: Row) -> Like | None:
        try:
            ready = self._readier.ready(row, yes=row.yes)
        except Fault:
            return None
        said = NewDecision(
            door="import",
            action="save",
            choices=ready.choices,
            told=ready.told,
            decided_at=self._about.now,
            assertion=row.assertion,
            evidence=row.evidence,
            version=ready.version,
            key_id=self._about.key_id,
        )
        pattern = Pattern(said, ready.version, self._about.configuration)
        if row.yes and not all(map(pattern.above_floor, ready.choices)):
            return None
        if len(ready.choices) != len(row.choices):
            return None
        text = self._readier.mark_text(row, ready.given, ready.choices)
        _, before, _, *after = text.split("\n")
        return Like(pattern, row.yes, before, "\n".join(after))


def _said(row: Row) -> tuple[object, ...]:
    return (
        row.source, row.actor, row.on_behalf_of, row.informed_at, tuple(row.choices.items()),
        row.version, row.evidence, row.assertion,
    )  # fmt: skip


class PlainJudge:
    """Judges plain rows by what is known."""

    def __init__(self, about: Importing, people: KnownPeople) -> None:
        self._about, self._people = about, people
        self._now = to_micros(about.now)

    def changes_nothing(self, row: PlainRow) -> bool:
        """Tell whether the same was carried over before."""
        dated = row.like.yes or row.short.decided_at is not None
        if self._about.seen is not None and not dated:
            # A dry run has made nobody who could be found.
            dated = (_KIND, row.hash) not in self._people.holding
        return dated and row.mark in self._people.marks

    def would_write(self, chosen: Chosen) -> None:
        """Let a dry run remember what it would have written."""
        if self._about.seen is not None:
            noes = [purpose for purpose, yes, _ in chosen.pattern.answers if not yes]
            self._about.seen.add(str(chosen.client_id), self._noes(chosen.match, noes))

    def _noes(self, match: str, purposes: Iterable[int]) -> list[bytes]:
        return [no_mark(self._about, each, _KIND, match) for each in purposes]

    def judge(self, row: PlainRow) -> Chosen | None:
        """Give what the row makes of what is known; None if it is for the rules to judge."""
        held, rows, others, moment = None, _NOBODY, _NOTHING, self._now
        holding = self._people.holding.get((_KIND, row.hash))
        suppressed = row.hash in self._people.suppressed
        if holding:
            met = self._met(row, holding)
            if met is None:
                return None
            held, person, rows, others = met
            suppressed |= person in self._people.suppressed_persons
            # Later than anything recorded of this person, even if the clock stepped back.
            moment = max(moment, latest(self._people.rows.get(person, {})) + 1)
        if row.like.yes and (suppressed or self._refused_before(row)):
            return None
        short, pattern = row.short, row.like.pattern
        decided_at = self._now if short.decided_at is None else short.decided_at
        given_at = min(decided_at, moment)
        expiries = named = _NONE
        if row.like.yes:
            ends = self._ends(pattern, rows, given_at, moment)
            if ends is None:
                return None
            expiries = ends
        else:
            names = self._names(pattern, rows, moment)
            if names is None:
                return None
            named = names
        when = short.when if given_at == short.decided_at else ""
        return Chosen(
            pattern, _KIND, short.match, short.email, row.hash, moment, decided_at, given_at,
            when, expiries, named, row.mark, held, rows, others,
        )  # fmt: skip

    def _refused_before(self, row: PlainRow) -> bool:
        seen = self._about.seen
        asked = (purpose for purpose, *_ in row.like.pattern.answers)
        return seen is not None and seen.says_no(self._noes(row.short.match, asked))

    def _met(
        self, row: PlainRow, holding: list[tuple[int, int, int, bool]]
    ) -> tuple[tuple[int, int], int, dict[int, Standing], list[tuple[int, Standing]]] | None:
        if len(holding) != 1:
            return None
        identifier, subject, person, shared = holding[0]
        if shared:
            return None
        held, asked = (subject, identifier), {one for one, *_ in row.like.pattern.answers}
        parted = part(self._people.rows.get(person, {}), held, asked)
        return None if parted is None else (held, person, *parted)

    def _ends(
        self, pattern: Pattern, rows: Mapping[int, Standing], given_at: int, recorded_at: int
    ) -> tuple[int | None, ...] | None:
        """Give when each yes ends; None if one of them is over, or no better than another."""
        expiries = []
        for purpose in pattern.said.choices:
            until = ends(given_at, purpose.validity) if purpose.validity else None
            if until is not None and until <= recorded_at:
                return None
            expiries.append(until)
            row = rows.get(purpose.id)
            if row is not None and not _better(pattern, purpose, row, given_at):
                return None
        return tuple(expiries)

    def _names(
        self, pattern: Pattern, rows: Mapping[int, Standing], recorded_at: int
    ) -> tuple[str, ...] | None:
        """Give how each no is named; None if there is one already."""
        named = []
        for purpose in pattern.said.choices:
            row = rows.get(purpose.id)
            if row is not None and row.no is not None:
                return None
            granted = row is not None and self._stood(purpose, row, recorded_at) == "granted"
            named.append(name_the_no(purpose.basis, granted=granted))
        return tuple(named)

    def _stood(self, purpose: Purpose, row: Standing, now: int) -> str:
        stood = stands([row], frozenset({row.identifier}), alone=purpose.kind == "tracker")
        notice = stood.yes.notice if stood.yes else None
        floor = self._about.configuration.floors.get((notice or 0, purpose.id), 0)
        return settle(stood, floor=floor, now=now)


def _better(pattern: Pattern, purpose: Purpose, row: Standing, given_at: int) -> bool:
    if row.no is not None:
        return False
    if row.yes is None:
        return True
    enough = pattern.enough_of[purpose.id] >= row.yes.enough
    return enough and row.yes.given_at < given_at
