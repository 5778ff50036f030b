"""Patterns: what all visitors who answer the same words the same way have in common.

Checked against its notice once, and written out as far as it goes: all that is left to each
visitor is who, when, and in what she differs from others (plain.py, record.py).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from ..db import to_json
from ..ledger import Mould
from .act import told_by
from .seal_record import announced, said_in_record

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ..notices.values import Configuration, VersionShown
    from .values import NewDecision

HOLES: Final = ("id", "recorded_at", "decided_at", "person", "person_key")
# No text of ours holds it, so what it marks is found again.
_SUBJECT: Final = "\0subject"
_DECISION: Final = "\0decision"
_MOST: Final = 1024
_YES: Final = {"answer": "yes", "named": "granted", "expires_at": _SUBJECT, "enough": 1}
_NO: Final = {"answer": "no", "named": "refused", "expires_at": None, "enough": 1}


class Pattern:
    """A choice without its visitor."""

    def __init__(
        self, said: NewDecision, version: VersionShown, configuration: Configuration
    ) -> None:
        self.said, self._version = said, version
        self._configuration = configuration

    @cached_property
    def plain(self) -> bool:
        """Tell whether a yes here stands by itself, and a no needs no other name."""
        version, floors = self._version, self._configuration.floors
        # Counts on all devices of whoever is signed in: that is for the rules.
        return version.devices is None and all(
            version.number >= floors.get((version.notice_id, purpose.id), 0)
            if yes
            else purpose.basis == "consent"
            for purpose, yes in self.said.choices.items()
        )

    @cached_property
    def answers(self) -> list[tuple[int, bool, str | None]]:
        """Give each purpose, its answer, and how long a yes lasts."""
        return [(each.id, yes, each.validity) for each, yes in self.said.choices.items()]

    @cached_property
    def states(self) -> dict[str, str]:
        """Give the standing that a plain choice makes, by purpose."""
        choices = self.said.choices.items()
        return {each.slug: "granted" if yes else "refused" for each, yes in choices}

    @cached_property
    def decision(self) -> dict[str, Any]:
        """Give the columns of the decision's row that are the same for all."""
        said, version = self.said, self._version
        return {
            "organisation_id": self._configuration.organisation,
            "through": None,
            "door": said.door,
            "action": said.action,
            "assertion": said.assertion,
            "witness": "ours",
            "version_id": version.id,
            "notice_id": version.notice_id,
            "number": version.number,
            "language": said.language,
            "surface": said.surface,
            "site_id": said.site,
            "key_id": None,
        }

    @cached_property
    def standing(self) -> dict[str, Any]:
        """Give the columns of a standing row that are the same for all who say yes."""
        version = self._version
        return {
            "organisation_id": self._configuration.organisation,
            "yes_notice_id": version.notice_id,
            "yes_number": version.number,
            "yes_version_id": version.id,
            "yes_assertion": self.said.assertion,
            "yes_enough": 1,
            "yes_names": None,
        }

    @cached_property
    def told(self) -> bytes:
        """Give who says so, ready to be sealed."""
        return told_by(self.said)

    @cached_property
    def _choices(self) -> dict[str, dict[str, Any]]:
        return {
            str(purpose.id): {**(_YES if yes else _NO), "state": self.states[purpose.slug]}
            for purpose, yes in self.said.choices.items()
        }

    @cached_property
    def _choices_text(self) -> str:
        return to_json(self._choices).replace("%", "%%").replace(to_json(_SUBJECT), "%s")

    def choices(self, expiries: tuple[int | None, ...]) -> str:
        """Write the choices of a decision whose yeses end then."""
        ends = tuple("null" if each is None else each for each in expiries)
        return self._choices_text % ends

    @cached_property
    def _announced(self) -> str:
        told = announced(self.said.choices, self._choices, _SUBJECT, _DECISION)
        return to_json(told)

    def announcements(self, subject: str, decision: str) -> str:
        """Write what the feed will tell of it."""
        text = self._announced.replace(to_json(_SUBJECT), f'"{subject}"')
        return text.replace(to_json(_DECISION), f'"{decision}"')

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
        return Mould({**said, "source": self.said.told.source}, holes)


def patterns_of(configuration: Configuration) -> dict[Hashable, Pattern]:
    """Give the patterns met so far under a configuration, by what tells them apart."""
    found: dict[Hashable, Pattern] = configuration.worked_out.setdefault("patterns", {})
    if len(found) >= _MOST:
        found.clear()
    return found
