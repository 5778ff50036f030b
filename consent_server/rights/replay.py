"""Replaying the journal: what a restored backup forgot is erased and suppressed again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .. import ledger
from ..clock import parse_rfc3339, to_micros
from ..db import Sql
from ..decisions.journal import NAME as NOES
from ..decisions.record import Recorder
from ..decisions.say_again import SayingAgain
from ..ids import parse, public
from ..subjects.holdings import holdings
from ..subjects.suppress import JOURNAL as SUPPRESSIONS
from ..subjects.suppress import Suppressor, Target
from ..web import current
from .deed import JOURNAL as ERASURES
from .values import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..subjects import Held
    from .erase import Eraser

REASON: Final = "erased before a backup was restored"
# Whoever came again after the erasure is another matter.
_HOLDING: Final = Sql(
    """
    SELECT s.id FROM identifier i
    JOIN subject s ON s.organisation_id = i.organisation_id AND s.id = i.subject_id
    WHERE i.organisation_id = :organisation AND i.kind = :kind AND i.hash = :hash
      AND i.closed_at IS NULL AND i.shared = 0 AND s.recorded_at <= :moment
    """
)
_THERE: Final = Sql(
    "SELECT 1 FROM suppression WHERE organisation_id = :organisation AND id = :id"
)


@dataclass
class Replay:
    """One organisation's lines of the journal, done again where they are not done."""

    eraser: Eraser
    actor: str
    erased: int = 0
    suppressed: int = 0
    refused: int = 0

    def run(self) -> None:
        """Do again what the database does not show; a second run finds nothing to do.

        Erasures last: what was said no to before one must outlive it.
        """
        folder = current.settings().data / ledger.FOLDER
        for line in self._lines(folder / SUPPRESSIONS):
            self._suppress(line)
        again = SayingAgain(self._recorder())
        for line in self._lines(folder / NOES):
            again.line(line)
        self.refused += again.said
        self.suppressed += again.suppressed
        for line in self._lines(folder / ERASURES):
            self._erase(line)

    def as_json(self) -> dict[str, int]:
        """Say what was done again."""
        return {
            "erased": self.erased,
            "suppressed": self.suppressed,
            "refused": self.refused,
        }

    def _recorder(self) -> Recorder:
        eraser = self.eraser
        return Recorder(
            eraser.tx,
            eraser.keys,
            eraser.configuration,
            current.keyring().derive("receipts"),
            eraser.log,
            eraser.now,
        )

    @property
    def _organisation(self) -> int:
        return self.eraser.keys.organisation

    def _lines(self, path: Path) -> Iterator[dict[str, Any]]:
        if not path.exists():
            return
        mine = public("org", self._organisation)
        with path.open(encoding="utf-8") as file:
            for text in file:
                line = _read(text)
                if line is not None and line["organisation"] == mine:
                    yield line

    def _suppress(self, line: dict[str, Any]) -> None:
        number = parse("sup", line["suppression"]) or 0
        values = {"organisation": self._organisation, "id": number}
        # One that is there may have been lifted since: then it stays so.
        if self.eraser.tx.run(_THERE, values):
            return
        whom = Target(
            kind=line["kind"],
            hashes=(bytes.fromhex(line["identifier"]),),
            version=line["key_version"],
            # Lines of before tell nothing of it.
            crossed=tuple(map(bytes.fromhex, line.get("crossed", ()))),
        )
        suppressor = Suppressor(
            self.eraser.tx,
            self.eraser.keys,
            self.eraser.configuration,
            self.eraser.log,
            to_micros(self.eraser.now),
        )
        added = suppressor.add(whom, scope=line["scope"], reason=line["reason"])
        suppressor.keep()
        self.suppressed += added is not None

    def _erase(self, line: dict[str, Any]) -> None:
        for held in self._held(line):
            if line["whole"]:
                wanted = Wanted(reason=REASON, actor=self.actor, suppress=line["suppress"])
                done = self.eraser.person([held.given], wanted)
            else:
                done = self.eraser.visitor(held.given)
            self.erased += len(done.subjects)

    def _held(self, line: dict[str, Any]) -> list[Held]:
        moment = to_micros(parse_rfc3339(line["recorded_at"]))
        subjects = {
            subject
            for one in line["identifiers"]
            for (subject,) in self.eraser.tx.run(
                _HOLDING,
                {
                    "organisation": self._organisation,
                    "kind": one["kind"],
                    "hash": bytes.fromhex(one["hash"]),
                    "moment": moment,
                },
            )
        }
        hashes = {one["hash"] for one in line["identifiers"]}
        found = holdings(self.eraser.tx, self.eraser.keys, sorted(subjects))
        # One of each subject is enough: the rest goes with it.
        named = {
            held.subject: held
            for held in found
            if self.eraser.keys.index(held.given.kind, held.given.match).hex() in hashes
        }
        return list(named.values())


def _read(text: str) -> dict[str, Any] | None:
    """Read a line; one that a power cut tore was never committed, and tells nothing."""
    try:
        line: dict[str, Any] = json.loads(text)
    except ValueError:
        return None
    return line
