"""An import as it is kept, and as it is shown."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ..clock import rfc3339_micros
from ..ids import public
from .rules.reasons import REASONS
from .unread import as_shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .parted import Outcome

# Lines that are named for each reason; the errors file names all.
_SAMPLES: Final = 5


@dataclass(frozen=True)
class Job:
    """An import as it stands."""

    organisation: int
    id: int
    recorded_at: int
    actor: str
    key_id: str | None
    asked: dict[str, Any]
    dry: bool
    state: str
    because: str | None
    phase: int
    passed: int
    passed_bytes: int
    total_bytes: int
    counts: dict[str, Any] = field(default_factory=dict)
    errors_bytes: int = 0
    held_until: int = 0
    finished_at: int | None = None

    def counted(self, outcomes: Sequence[Outcome]) -> dict[str, Any]:
        """Give the counts with what became of more rows."""
        counts: dict[str, Any] = {**self.counts}
        for what, count in Counter(each.what for each in outcomes).items():
            counts[what] = counts.get(what, 0) + count
        reasons = {code: [count, [*lines]] for code, (count, lines) in self.reasons.items()}
        for each in outcomes:
            if each.fault is not None:
                reason = reasons.setdefault(each.fault.code, [0, []])
                reason[0] += 1
                if len(reason[1]) < _SAMPLES:
                    reason[1].append(each.line)
        return {**counts, "reasons": reasons}

    @property
    def reasons(self) -> dict[str, list[Any]]:
        """Why rows were refused: how many for each reason, and the lines of some."""
        return dict(self.counts.get("reasons", {}))

    @property
    def name(self) -> str:
        """Its id as the outside sees it."""
        return public("job", self.id)

    @property
    def at_bytes(self) -> int:
        """How far it has come, of twice the file's size: it is passed over twice."""
        return min(self.phase - 1, 1) * self.total_bytes + self.passed_bytes

    def said(self) -> dict[str, Any]:
        """Say it as the API and the command line show it."""
        progress = min(1.0, self.at_bytes / (2 * self.total_bytes or 1))
        return {
            "id": self.name,
            "state": self.state,
            "because": self.because,
            "dry_run": self.dry,
            "created_at": rfc3339_micros(self.recorded_at),
            "finished_at": rfc3339_micros(self.finished_at) if self.finished_at else None,
            "progress": 1.0 if self.state == "done" else round(progress, 3),
            "rows": self.counts.get("rows", 0),
            **{what: self.counts.get(what, 0) for what in ("new", "unchanged", "refused")},
            "reasons": [
                {"code": code, "means": REASONS.get(code, ""), "rows": count, "lines": lines}
                for code, (count, lines) in sorted(self.reasons.items())
            ],
            "unread": as_shown(self.asked.get("unread", ())),
            "errors": f"/v1/imports/{self.name}/errors" if self.errors_bytes else None,
        }


@dataclass(frozen=True, kw_only=True)
class NewJob:
    """An import that is asked for, its file being spooled."""

    id: int
    asked: Mapping[str, Any]
    total: int
    dry: bool
    actor: str
    key_id: str | None = None
    # Whoever asks runs it now.
    held: bool = False
