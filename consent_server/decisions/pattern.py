"""Patterns: what all visitors who answer the same words the same way have in common.

Checked against its notice once, and written out as far as it goes: all that is left to each
visitor is who, when, and in what she differs from others (plain.py, record.py).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..db import to_json
from ..ledger import Mould
from .act import told_by
from .alike import Alike
from .rules import STRENGTH, WITNESSED_BY_KEY, Yes
from .seal_record import announced, hashed_texts, said_in_record

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ..notices.values import Configuration, Purpose, VersionShown
    from .values import NewDecision

HOLES: Final = ("id", "recorded_at", "decided_at", "person", "person_key")
# No text of ours holds it, so what it marks is found again.
_SUBJECT: Final = "\0subject"
_DECISION: Final = "\0decision"
_MOST: Final = 1024
# More are packed in another form.
_MOST_ALIKE: Final = 255
_MOST_VERSIONS: Final = 65_535
_YES: Final = {"answer": "yes", "named": "granted", "expires_at": _SUBJECT, "enough": 1}
_NO: Final = {"answer": "no", "named": "refused", "expires_at": None, "enough": 1}


class Words(NamedTuple):
    """What is written of a choice, with holes for when its yeses end and for its names."""

    choices: str
    announced: str
    events: int

    def choices_until(self, expiries: tuple[int | None, ...]) -> str:
        """Write the choices of a decision whose yeses end then."""
        ends = tuple("null" if each is None else each for each in expiries)
        return self.choices % ends

    def announced_of(self, subject: str, decision: str) -> str:
        """Write what the feed will tell of it."""
        return self.announced % ((subject, decision) * self.events)


class Pattern:
    """A choice without its visitor."""

    def __init__(
        self, said: NewDecision, version: VersionShown | None, configuration: Configuration
    ) -> None:
        self.said, self._version = said, version
        self._configuration = configuration

    @cached_property
    def plain(self) -> bool:
        """Tell whether a yes here stands by itself, and a no needs no other name."""
        version = self._version
        if version is not None and version.devices is not None:
            # Counts on all devices of whoever is signed in: that is for the rules.
            return False
        return all(
            self.above_floor(purpose) if yes else purpose.basis == "consent"
            for purpose, yes in self.said.choices.items()
        )

    def above_floor(self, purpose: Purpose) -> bool:
        """Tell whether a yes to these words still counts, if it was given to any."""
        version = self._version
        if version is None:
            return True
        floor = self._configuration.floors.get((version.notice_id, purpose.id), 0)
        return version.number >= floor

    def enough(self, purpose: Purpose) -> int:
        """Tell whether a yes so said is known well enough for its purpose."""
        needed = STRENGTH.get(purpose.assertion, STRENGTH[WITNESSED_BY_KEY])
        return int(STRENGTH[self.said.assertion] >= needed)

    @cached_property
    def answers(self) -> list[tuple[int, bool, str | None]]:
        """Give each purpose, its answer, and how long a yes lasts."""
        return [(each.id, yes, each.validity) for each, yes in self.said.choices.items()]

    @cached_property
    def enough_of(self) -> dict[int, int]:
        """Tell of each purpose whether a yes so said is known well enough."""
        return {each.id: self.enough(each) for each in self.said.choices}

    @cached_property
    def states(self) -> dict[str, str]:
        """Give the standing that a plain choice makes, by purpose."""
        choices = self.said.choices.items()
        return {each.slug: "granted" if yes else "refused" for each, yes in choices}

    @cached_property
    def decision(self) -> dict[str, Any]:
        """Give the columns of the decision's row that are the same for all."""
        said = self.said
        return {
            "organisation_id": self._configuration.organisation,
            "through": None,
            "door": said.door,
            "action": said.action,
            "assertion": said.assertion,
            "witness": "key" if said.key_id else "ours",
            **self._shown,
            "language": said.language,
            "surface": said.surface,
            "site_id": said.site,
            "key_id": said.key_id,
        }

    @cached_property
    def _shown(self) -> dict[str, int | None]:
        version = self._version
        return {
            "version_id": version.id if version else None,
            "notice_id": version.notice_id if version else None,
            "number": version.number if version else None,
        }

    @property
    def organisation(self) -> int:
        """Give the organisation that its visitors choose for."""
        return self._configuration.organisation

    def yes(
        self,
        decision: int,
        given_at: int,
        recorded_at: int,
        until: int | None,
        *,
        enough: bool = True,
    ) -> Yes:
        """Give what stands of one who said yes; a visitor's own choice is enough."""
        version = self._version
        return Yes(
            decision=decision,
            given_at=given_at,
            recorded_at=recorded_at,
            expires_at=until,
            notice=version.notice_id if version else None,
            number=version.number if version else None,
            version=version.id if version else None,
            assertion=self.said.assertion,
            enough=enough,
        )

    @cached_property
    def alike(self) -> Alike | None:
        """Give what packs the standing of somebody new, if all is answered the same."""
        known = set(zip(self.said.choices.values(), self.enough_of.values(), strict=True))
        number = self._version.number if self._version else 0
        if len(known) > 1 or len(self.answers) > _MOST_ALIKE or number > _MOST_VERSIONS:
            return None
        enough = all(enough for _, enough in known)
        return Alike(
            [number for number, *_ in self.answers], self.yes(1, 0, 0, None, enough=enough)
        )

    @cached_property
    def told(self) -> bytes:
        """Give who says so, ready to be sealed."""
        return told_by(self.said)

    def words(self, named: tuple[str, ...] = ()) -> Words:
        """Write what follows from its noes being named so, in their order; else refused."""
        found = self._words.get(named)
        if found is None:
            found = self._words[named] = self._written(named)
        return found

    @cached_property
    def _words(self) -> dict[tuple[str, ...], Words]:
        return {}

    def _written(self, named: tuple[str, ...]) -> Words:
        names = iter(named)
        choices = {}
        for purpose, yes in self.said.choices.items():
            name = "granted" if yes else next(names, "refused")
            answer = {**_YES, "enough": self.enough(purpose)} if yes else {**_NO, "named": name}
            choices[str(purpose.id)] = {**answer, "state": name}
        told = announced(self.said.choices, choices, _SUBJECT, _DECISION)
        text = to_json(told).replace("%", "%%").replace(to_json(_SUBJECT), '"%s"')
        return Words(
            to_json(choices).replace("%", "%%").replace(to_json(_SUBJECT), "%s"),
            text.replace(to_json(_DECISION), '"%s"'),
            len(told),
        )

    def choices(self, expiries: tuple[int | None, ...]) -> str:
        """Write the choices of a decision whose yeses end then."""
        return self.words().choices_until(expiries)

    def announcements(self, subject: str, decision: str) -> str:
        """Write what the feed will tell of it."""
        return self.words().announced_of(subject, decision)

    @cached_property
    def hashed(self) -> list[tuple[str, bytes]]:
        """Give the texts that its record keeps as keyed hashes alone, by name."""
        texts = hashed_texts(self.said, source=False)
        return [(f"{name}_hash", f"{name}|{text}".encode()) for name, text in texts]

    @cached_property
    def mould(self) -> Mould:
        """Give the mould of its record."""
        return self._mould(HOLES)

    @cached_property
    def following_mould(self) -> Mould:
        """Give the mould of a record that follows another decision."""
        return self._mould((*HOLES, "previous"))

    def _mould(self, holes: tuple[str, ...]) -> Mould:
        organisation = self._configuration.organisation
        said = said_in_record(organisation, self.said)
        hashed = (name for name, _ in self.hashed)
        return Mould({**said, "source": self.said.told.source}, (*holes, *hashed))


def patterns_of(configuration: Configuration) -> dict[Hashable, Pattern]:
    """Give the patterns met so far under a configuration, by what tells them apart."""
    found: dict[Hashable, Pattern] = configuration.worked_out.setdefault("patterns", {})
    if len(found) >= _MOST:
        found.clear()
    return found
