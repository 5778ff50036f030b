"""What a file's lines are read into, and how. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from .signs import Preset

IDENTIFIERS: Final = ("email", "phone", "external_id", "visitor")
FACTS: Final = (
    "relationship",
    "since",
    "until",
    "capacity",
    "country",
    "birth_year",
    "informed_at",
    "on_behalf_of",
)
DECISION: Final = (
    "purpose",
    "answer",
    "decided_at",
    "notice_version",
    "evidence",
    "assertion",
    "previous",
    "cookie",
)
OURS: Final = (*IDENTIFIERS, *FACTS, "source", "actor", *DECISION)
# What holds for every row that does not say otherwise.
DEFAULTS: Final = (
    "relationship",
    "capacity",
    "country",
    "informed_at",
    "on_behalf_of",
    "source",
    "actor",
    "purpose",
    "answer",
    "decided_at",
    "notice_version",
    "evidence",
    "assertion",
)


class Fault(Exception):
    """A row that cannot be taken: why, in which column, and what would be right."""

    def __init__(self, code: str, column: str, right: str) -> None:
        super().__init__(code)
        self.code, self.column, self.right = code, column, right


@dataclass(slots=True)
class Row:
    """One line, read. Times are aware; ids of versions are numbers."""

    line: int
    identifiers: list[tuple[str, str]]
    source: str
    actor: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    # Purpose as written -> yes or no.
    choices: dict[str, bool] = field(default_factory=dict)
    decided_at: datetime | None = None
    version: int | None = None
    evidence: str | None = None
    assertion: str = "asserted"
    previous: str | None = None
    # Scope and reason of a suppression that the row asks for.
    suppress: tuple[str, str] | None = None
    on_behalf_of: str | None = None
    informed_at: datetime | None = None

    @property
    def yes(self) -> bool:
        """Tell whether the row holds a yes: it waits until every no of the file is in."""
        return any(self.choices.values())


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How the cells of a file become rows."""

    header: Sequence[str]
    # Our column -> theirs.
    columns: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    preset: Preset | None = None
    zone: str | None = None
    # Service or category of a cookie -> purpose.
    purposes: Mapping[str, str] = field(default_factory=dict)


def places(manner: Manner) -> list[tuple[str, int]]:
    """Say where in a line each of our columns stands, without a preset; raises `Fault`."""
    names = [name.casefold() for name in manner.header]
    found = []
    for ours in OURS:
        wanted = manner.columns.get(ours, ours).casefold()
        count = names.count(wanted)
        if count > 1:
            raise Fault("twice", ours, "the header names this column twice")
        if count:
            found.append((ours, names.index(wanted)))
        elif ours in manner.columns:
            raise Fault("no_column", ours, "the header has no column of the name mapped to it")
    return found
