"""Rows: what a line asks, whatever its format, and what is answered to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

KINDS = ("email", "phone", "external_id", "visitor", "sha256_email", "sha256_phone")
FIELDS = ("allowed", "because", "regime", "decision", "since", "expires_at")


class Row(NamedTuple):
    """One line: as it came, its cells if it has any, and the identifier it asks about.

    `text` is None for a line that cannot be read.
    """

    raw: bytes
    text: str | None
    kind: str = ""
    cells: Sequence[str] = ()


class Answer(NamedTuple):
    """What is said of one row, as it is written: ids public, times RFC 3339, or empty."""

    allowed: bool
    because: str
    regime: str = ""
    decision: str = ""
    since: str = ""
    expires_at: str = ""


class Short(NamedTuple):
    """The same of one of many who are answered alike: what they share, and her own columns.

    `tail` is her decision, since and expires_at with commas between, as they are written.
    """

    alike: Answer
    tail: str

    @property
    def allowed(self) -> bool:
        """Tell what all of them are told."""
        return self.alike.allowed

    @property
    def whole(self) -> Answer:
        """Give the answer by its columns."""
        return Answer(*self.alike[:3], *self.tail.split(","))


UNREADABLE = Answer(allowed=False, because="unreadable")


class Reader(Protocol):
    """Reads lines of one format."""

    def rows(self) -> Iterator[Row]:
        """Give every line after the header as a row."""


class Writer(Protocol):
    """Writes answers in one format."""

    media: str

    def begin(self) -> bytes:
        """Write what stands before the first answer."""

    def lines(self, answered: Iterable[tuple[Row, Answer | Short]]) -> bytes:
        """Write rows with their answers."""

    def end(self, clearance: str) -> bytes:
        """Write what stands after the last answer; not among the bytes that are hashed."""
