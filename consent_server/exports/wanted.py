"""What is to be exported: which facts, of which time, with whose names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..clock import to_micros

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    Row = Mapping[str, Any]

# Rows of one batch, each batch a read of its own.
MOST: Final = 1000


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be exported."""

    what: str
    since: datetime | None
    until: datetime
    purpose: str | None = None
    # False: people by their opaque ids alone.
    identifiers: bool = True

    @property
    def span(self) -> dict[str, int]:
        """The first moment, and the first that is left out."""
        return {
            "since": to_micros(self.since) if self.since else -(1 << 62),
            "until": to_micros(self.until),
        }
