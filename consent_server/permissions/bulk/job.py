"""A list that waits for the worker, as it is kept and as it is shown."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from ...clock import from_micros, rfc3339_micros, to_micros
from ...ids import public
from .campaign import Count
from .order import Order

if TYPE_CHECKING:
    from collections.abc import Mapping

# The question goes as soon as it is answered; the answer waits this long to be fetched.
KEPT: Final = timedelta(days=7)
OPEN: Final = frozenset({"waiting", "running"})


@dataclass(frozen=True, kw_only=True)
class Job:
    """A list as it stands: where its answer ends, and what has been counted by then."""

    organisation_id: int
    id: int
    clearance_id: int
    recorded_at: int
    actor: str
    asked: Mapping[str, Any]
    question_sha256: str
    total_bytes: int
    state: str = "waiting"
    because: str | None = None
    passed: int = 0
    passed_bytes: int = 0
    answer_bytes: int = 0
    answer_frames: int = 0
    answer_size: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    first_at: int | None = None
    last_at: int | None = None
    finished_at: int | None = None

    @property
    def name(self) -> str:
        """Its id as the outside sees it."""
        return public("job", self.id)

    @property
    def order(self) -> Order:
        """What is asked of the file."""
        return Order(**self.asked)

    @property
    def ready(self) -> bool:
        """Tell whether there is an answer to fetch."""
        return self.state == "done"

    def count(self) -> Count:
        """Give what has been answered so far, to be counted on from."""
        return Count(
            asked=self.passed,
            reasons=Counter(self.counts),
            first=from_micros(self.first_at) if self.first_at else None,
            last=from_micros(self.last_at) if self.last_at else None,
        )

    def counted(self, count: Count) -> dict[str, Any]:
        """Give the columns that say what has been answered by now."""
        return {
            "passed": count.asked,
            "counts": dict(sorted(count.reasons.items())),
            "first_at": to_micros(count.first) if count.first else None,
            "last_at": to_micros(count.last) if count.last else None,
        }

    def said(self) -> dict[str, Any]:
        """Say it as the API and the command line show it."""
        there = f"/v1/permissions/jobs/{self.name}"
        ends = from_micros(self.finished_at) + KEPT if self.finished_at else None
        share = self.passed_bytes / (self.total_bytes or 1)
        return {
            "id": self.name,
            "state": self.state,
            "because": self.because,
            "purpose": self.asked["purpose"],
            "channel": self.asked["channel"],
            "only": self.asked["only"],
            "created_at": rfc3339_micros(self.recorded_at),
            "finished_at": rfc3339_micros(self.finished_at) if self.finished_at else None,
            "delete_at": rfc3339_micros(to_micros(ends)) if ends else None,
            "progress": 1.0 if self.ready else round(min(1.0, share), 3),
            "asked": self.passed,
            "counts": dict(self.counts),
            "clearance": public("clr", self.clearance_id) if self.ready else None,
            "result": f"{there}/result" if self.ready else None,
        }
