"""What goes into an erasure, and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..clock import rfc3339_micros
from ..ids import public

PREFIX = "ers"
VISITOR = "visitor"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Why somebody is erased, by whom, and whether they stay suppressed."""

    reason: str
    # As the audit trail names them: `key:…`, `command line`, `visitor`.
    actor: str
    suppress: bool = True


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """What an erasure did; without a number, there was nothing to do."""

    number: int | None = None
    subjects: tuple[int, ...] = ()
    suppressions: int = 0
    # What a ground to keep proof left in the vault, and until when.
    vaulted: int = 0
    vaulted_until: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Write it as the answer to its door."""
        return {
            "erasure": public(PREFIX, self.number) if self.number else None,
            "erased": bool(self.subjects),
            "subjects": [public("sub", each) for each in self.subjects],
            "suppressions": self.suppressions,
            "vaulted": self.vaulted,
            "vaulted_until": rfc3339_micros(self.vaulted_until) if self.vaulted_until else None,
        }
