"""Rows: what a line asks, whatever its format, and what is answered to it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .intake import Piece

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


class Lot(NamedTuple):
    """Some lines of a list, in their order, as its format has read them.

    Most lines name somebody plainly: `names` has each as it is matched. Whatever is not so
    plain has an empty name there, and is a `Row` among the odd ones.
    """

    # As they are carried through; bytes that are no text are escaped (PEP 383).
    raws: list[str]
    kind: str
    names: list[bytes]
    # By place in the lot.
    odd: dict[int, Row]

    def asked(self, place: int) -> tuple[str, str | None]:
        """Tell by what kind of identifier a line asks, and which; None if it cannot be read."""
        name = self.names[place]
        if name:
            return self.kind, name.decode()
        row = self.odd[place]
        return row.kind, row.text

    def row(self, place: int) -> Row:
        """Give a line as a row."""
        if place in self.odd:
            return self.odd[place]
        kind, text = self.asked(place)
        return Row(as_bytes(self.raws[place]), text, kind)


def lot_of(rows: Sequence[Row]) -> Lot:
    """Put rows together none of which is plain."""
    return Lot([as_text(row.raw) for row in rows], "", [b""] * len(rows), dict(enumerate(rows)))


def joined(lots: Sequence[Lot]) -> Lot:
    """Make one lot of several of one list."""
    if len(lots) == 1:
        return lots[0]
    raws: list[str] = []
    names: list[bytes] = []
    odd: dict[int, Row] = {}
    for lot in lots:
        odd.update((at + len(raws), row) for at, row in lot.odd.items())
        raws += lot.raws
        names += lot.names
    # One that has none but odd ones has no kind.
    return Lot(raws, max(lot.kind for lot in lots), names, odd)


def as_text(raw: bytes) -> str:
    """Read bytes as text that `as_bytes` gives back as they were."""
    return raw.decode("utf-8", "surrogateescape")


def as_bytes(raw: str) -> bytes:
    """Write text that `as_text` read."""
    return raw.encode("utf-8", "surrogateescape")


class Answered(NamedTuple):
    """A lot with what is said of each line, most of them as of many others.

    `tails` has each one's own decision, since and expires_at with commas between, as they are
    written; `classes` names whom she is answered alike, or nobody: then `whole` has her answer.
    """

    lot: Lot
    classes: list[str]
    tails: list[str]
    alike: Mapping[str, Answer]
    whole: dict[int, Answer]

    def __len__(self) -> int:
        return len(self.lot.raws)

    def at(self, place: int) -> Answer:
        """Give the answer to one line by its columns."""
        if place in self.whole:
            return self.whole[place]
        return Answer(*self.alike[self.classes[place]][:3], *self.tails[place].split(","))

    def counts(self) -> Counter[str]:
        """Count the reasons."""
        counted: Counter[str] = Counter(answer.because for answer in self.whole.values())
        for name, times in Counter(self.classes).items():
            if name:
                counted[self.alike[name].because] += times
        return counted

    def places(self, only: str | None) -> Iterable[int]:
        """Name the lines that come back."""
        if only is None:
            return range(len(self))
        wanted = only == "allowed"
        yes = {name for name, answer in self.alike.items() if answer.allowed is wanted}
        whole = self.whole
        return [
            at
            for at, name in enumerate(self.classes)
            if (name in yes if name else whole[at].allowed is wanted)
        ]


UNREADABLE = Answer(allowed=False, because="unreadable")


class Reader(Protocol):
    """Reads lines of one format."""

    # What is left of the file, for whoever does not read it here.
    pieces: Iterable[Piece]

    def lots(self) -> Iterator[Lot]:
        """Give every line after the header, some at a time."""

    def read(self, pieces: Iterable[Piece]) -> Iterator[Lot]:
        """Read pieces of such a file, whichever they are, some lines at a time."""


class Writer(Protocol):
    """Writes answers in one format."""

    media: str

    def begin(self) -> bytes:
        """Write what stands before the first answer."""

    def lines(self, answered: Answered, only: str | None) -> bytes:
        """Write lines with their answers; `only` those allowed, or denied."""

    def end(self, clearance: str) -> bytes:
        """Write what stands after the last answer; not among the bytes that are hashed."""
