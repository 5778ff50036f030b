"""What of a row says something new, and whether its yes may be carried over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..clock import to_micros
from ..subjects.rules import covers
from .rules.carry import refuse_yes, says_no_already
from .rules.values import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..decisions.rules import Row
    from ..notices.values import Purpose
    from ..subjects import Held
    from .known import KnownPeople
    from .ready import Importing, Ready

_RIGHT: Final = {
    "later_no": "only a yes that the person gave after her no was recorded is carried over",
    "unproven": "name the evidence of the yes that she gave after her no",
}


@dataclass(frozen=True)
class Judge:
    """Judges one row by what is known of whoever it names."""

    about: Importing
    people: KnownPeople
    one: Ready
    held: Sequence[Held]

    def choices(self) -> dict[Purpose, bool]:
        """Give the answers that say something new; raises `Fault` for a yes that may not."""
        one = self.one
        if one.mark in self.people.marks and (one.row.decided_at or one.row.yes):
            return {}
        choices = {}
        for purpose, yes in one.choices.items():
            if yes:
                self._refuse(purpose)
            elif one.row.decided_at is None and self._adds_nothing(purpose):
                continue
            choices[purpose] = yes
        return choices

    def _rows(self, purpose: Purpose) -> list[Row]:
        return [
            row
            for person in {each.person for each in self.held}
            for row in self.people.rows.get(person, {}).get(purpose.id, ())
        ]

    def _places(self) -> frozenset[int]:
        return frozenset(each.id for each in self.held)

    def _alone(self, purpose: Purpose) -> bool:
        shared = bool(self.held) and all(each.shared for each in self.held)
        return purpose.kind == "tracker" or shared

    def _adds_nothing(self, purpose: Purpose) -> bool:
        if self.about.seen is not None and not self.held:
            # A dry run has made nobody who could be found.
            return self.one.mark in self.people.marks
        return says_no_already(self._rows(purpose), self._places(), alone=self._alone(purpose))

    def _refuse(self, purpose: Purpose) -> None:
        if self._suppressed(purpose):
            raise Fault("suppressed", "", "only the person herself can lift this")
        seen = self.about.seen
        if seen is not None and seen.says_no(no_marks(self.about, self.one, purpose)):
            raise Fault("later_no", "answer", "the file itself holds a no of this person")
        row = self.one.row
        # What names its previous decision is judged when it is recorded.
        if row.previous is not None or row.decided_at is None:
            return
        why = refuse_yes(
            self._rows(purpose),
            self._places(),
            alone=self._alone(purpose),
            given_at=min(to_micros(row.decided_at), to_micros(self.about.now)),
            assertion=row.assertion,
        )
        if why is not None:
            raise Fault(why, "answer", _RIGHT[why])

    def _suppressed(self, purpose: Purpose) -> bool:
        found = [
            each
            for hashes in self.one.hashes
            for own in hashes
            for each in self.people.suppressed.get(own, ())
        ]
        for person in {each.person for each in self.held}:
            found += self.people.suppressed_persons.get(person, ())
        return any(
            covers(scope, purpose) and purpose.id not in lifted for scope, lifted in found
        )


def no_marks(about: Importing, one: Ready, purpose: Purpose) -> list[bytes]:
    """Name, for a dry run, through which identifiers a no to a purpose was said."""
    return [no_mark(about, purpose.id, given.kind, given.match) for given in one.given]


def no_mark(about: Importing, purpose: int, kind: str, match: str) -> bytes:
    """Name a no through one identifier."""
    return about.keys.index("import_no", f"{purpose}|{kind}|{match}")
