"""Saying noes again: what the journal tells and a restored database has forgotten.

A line too many says no to somebody once more; a line too few would lose a no. Whoever is
there still is told no as of then; whoever is not is suppressed, so that no list brings her
back as somebody who agreed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..clock import from_micros, parse_rfc3339, to_micros
from ..db import Sql
from ..ids import parse
from ..subjects import Resolved, Told
from ..subjects.holdings import holdings
from ..subjects.rules import PURPOSE
from ..subjects.suppress import Suppressor, Target
from . import standing
from .rules import EVIDENCED
from .values import NewDecision

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..notices.values import Purpose
    from ..subjects import Held
    from .record import Recorder
    from .rules import Row

SOURCE: Final = "journal"
_THERE: Final = Sql(
    "SELECT 1 FROM decision WHERE organisation_id = :organisation AND id = :decision"
)
_HOLDING: Final = Sql(
    """
    SELECT i.id, s.id, s.recorded_at FROM identifier i
    JOIN subject s ON s.organisation_id = i.organisation_id AND s.id = i.subject_id
    WHERE i.organisation_id = :organisation AND i.kind = :kind AND i.hash = :hash
      AND i.closed_at IS NULL
    """
)
# A visitor is never suppressed: whoever is forgotten to have chosen is asked again.
_VISITOR: Final = "visitor"


@dataclass
class SayingAgain:
    """One organisation's lines of `noes.jsonl`, said again where they are not known."""

    recorder: Recorder
    said: int = 0
    suppressed: int = 0

    def line(self, line: Mapping[str, Any]) -> None:
        """Say what a line tells, unless the database knows it; a second time does nothing."""
        tx, organisation = self.recorder.tx, self.recorder.keys.organisation
        decision = parse("dec", line["decision"]) or 0
        if tx.run(_THERE, {"organisation": organisation, "decision": decision}):
            return
        moment = to_micros(parse_rfc3339(line["recorded_at"]))
        purposes = self._purposes(line["noes"])
        subjects: dict[int, set[int]] = {}
        for one in line["identifiers"]:
            values = {"organisation": organisation, "kind": one["kind"]}
            found = tx.run(_HOLDING, {**values, "hash": bytes.fromhex(one["hash"])})
            for identifier, subject, since in found:
                # Whoever came again after it is another matter.
                if since <= moment:
                    subjects.setdefault(subject, set()).add(identifier)
            if not found:
                self._suppress(one, line["key_version"], purposes)
        for subject, identifiers in sorted(subjects.items()):
            held = [
                each
                for each in holdings(tx, self.recorder.keys, [subject])
                if each.id in identifiers
            ]
            self._say(held, purposes, moment, str(line["decision"]))

    def _purposes(self, noes: Iterable[str]) -> list[Purpose]:
        known = self.recorder.configuration.purposes
        numbers = (parse("pur", name) for name in noes)
        return [known[number] for number in numbers if number is not None and number in known]

    def _suppress(
        self, one: Mapping[str, str], version: int, purposes: Iterable[Purpose]
    ) -> None:
        recorder = self.recorder
        if one["kind"] == _VISITOR:
            return
        whom = Target(kind=one["kind"], hashes=(bytes.fromhex(one["hash"]),), version=version)
        now = to_micros(recorder.now)
        suppressor = Suppressor(
            recorder.tx, recorder.keys, recorder.configuration, recorder.log, now
        )
        for purpose in purposes:
            if purpose.kind != "tracker":
                added = suppressor.add(whom, scope=f"{PURPOSE}{purpose.id}", reason="asked")
                self.suppressed += added is not None
        suppressor.keep()

    def _say(
        self, held: list[Held], purposes: Iterable[Purpose], moment: int, decision: str
    ) -> None:
        if not held:
            return
        recorder, first = self.recorder, held[0]
        who = Resolved(first.subject, first.person, tuple(held), created=False)
        rows = standing.of_person(
            recorder.tx, recorder.keys.organisation, who.subject, who.person
        )
        places = {each.id for each in held}
        left = [
            purpose
            for purpose in purposes
            if not _known(rows.get(purpose.id, ()), places, moment, purpose)
        ]
        if not left:
            return
        self.said += 1
        recorder.record(
            who,
            NewDecision(
                door="import",
                action="save",
                choices=dict.fromkeys(left, False),
                told=Told(source=SOURCE),
                decided_at=from_micros(moment),
                assertion=EVIDENCED,
                evidence=f"{SOURCE}, {decision}",
            ),
        )


def _known(rows: Iterable[Row], places: set[int], moment: int, purpose: Purpose) -> bool:
    """Tell whether a no of then, or a later one, stands in the rows already."""
    alone = purpose.kind == "tracker"
    return any(
        row.no is not None
        and row.no.recorded_at >= moment
        and (not alone or row.identifier in places)
        for row in rows
    )
