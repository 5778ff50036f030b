"""What is made of the rows of a batch: plain ones, others, and those that are settled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from .plain import PlainRow
from .rules.short import Short
from .rules.values import Fault, Row

if TYPE_CHECKING:
    from .ready import Ready

NEW: Final = "new"
UNCHANGED: Final = "unchanged"


Read = Row | Short | tuple[int, Fault]


class Outcome(NamedTuple):
    """What became of a row: new, unchanged, or refused and why."""

    line: int
    what: str
    fault: Fault | None = None


class Parted(NamedTuple):
    """The rows of a batch: plain ones, others that are ready, and what is settled."""

    plain: list[PlainRow]
    ready: list[Ready]
    outcomes: list[Outcome]

    def put(self, one: PlainRow | Ready | Outcome) -> None:
        """Put a row where it belongs."""
        if isinstance(one, PlainRow):
            self.plain.append(one)
        elif isinstance(one, Outcome):
            self.outcomes.append(one)
        else:
            self.ready.append(one)
