"""Rows: what a line asks, whatever its format, and what is answered to it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from .columns import Texts, np, texts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .columns import Ints
    from .intake import Piece

KINDS = ("email", "phone", "external_id", "visitor", "sha256_email", "sha256_phone")
FIELDS = ("allowed", "because", "regime", "decision", "since", "expires_at")
# Of a SHA-256.
DIGEST: Final = 32


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

    Most lines name somebody plainly: as she is matched, or by her digest. Whatever is not so
    plain is a `Row` among the odd ones, and has an empty name, or zeros.
    """

    # As they are carried through.
    lines: Texts
    kind: str
    # Of each line a name, or 32 bytes; none where that is not what lines of this kind have.
    names: list[bytes]
    digests: bytes
    # By place in the lot.
    odd: dict[int, Row]

    @property
    def size(self) -> int:
        """Tell how many lines there are."""
        return len(self.lines.ends)

    def asked(self, place: int) -> tuple[str, str | None]:
        """Tell by what kind of identifier a line asks, and which; None if it cannot be read."""
        if place in self.odd:
            row = self.odd[place]
            return row.kind, row.text
        if self.digests:
            return self.kind, self.digests[place * DIGEST : (place + 1) * DIGEST].hex()
        return self.kind, self.names[place].decode()

    def row(self, place: int) -> Row:
        """Give a line as a row."""
        if place in self.odd:
            return self.odd[place]
        kind, text = self.asked(place)
        return Row(self.lines.at(place), text, kind)


def lot_of(rows: Sequence[Row]) -> Lot:
    """Put rows together none of which is plain."""
    return Lot(texts_of([row.raw for row in rows]), "", [], b"", dict(enumerate(rows)))


def joined(lots: Sequence[Lot]) -> Lot:
    """Make one lot of several of one list."""
    if len(lots) == 1:
        return lots[0]
    # One that has none but odd ones has no kind.
    kind = max(lot.kind for lot in lots)
    hashed = any(lot.digests for lot in lots)
    names: list[bytes] = []
    digests: list[bytes] = []
    odd: dict[int, Row] = {}
    starts, texts = [], [0]
    rows = 0
    for lot in lots:
        if hashed:
            digests.append(lot.digests or bytes(DIGEST * lot.size))
        elif kind:
            names += lot.names or [b""] * lot.size
        odd.update((at + rows, row) for at, row in lot.odd.items())
        rows += lot.size
        starts.append(texts[-1])
        texts.append(texts[-1] + len(lot.lines.text))
    lines = Texts(
        b"".join([lot.lines.text for lot in lots]),
        np.concatenate([lot.lines.begins + at for lot, at in zip(lots, starts, strict=True)]),
        np.concatenate([lot.lines.ends + at for lot, at in zip(lots, starts, strict=True)]),
    )
    return Lot(lines, kind, names, b"".join(digests), odd)


class Answered(NamedTuple):
    """A lot with what is said of each line, most of them as of many others.

    `tails` has each one's own decision, since and expires_at with commas between, as they are
    written; `classes` tells which of `alike` she is answered as, or a number below nought for
    nobody: then `whole` has her answer.
    """

    lot: Lot
    classes: Ints
    tails: Texts
    alike: Sequence[Answer]
    whole: dict[int, Answer]

    @property
    def size(self) -> int:
        """Tell how many lines there are."""
        return self.lot.size

    def at(self, place: int) -> Answer:
        """Give the answer to one line by its columns."""
        if place in self.whole:
            return self.whole[place]
        tail = self.tails.at(place).decode().split(",")
        return Answer(*self.alike[self.classes[place]][:3], *tail)

    def counts(self) -> Counter[str]:
        """Count the reasons."""
        counted: Counter[str] = Counter(answer.because for answer in self.whole.values())
        several = np.bincount(self.classes[self.classes >= 0]).tolist()
        for answer, times in zip(self.alike, several, strict=False):
            if times:
                counted[answer.because] += times
        return counted

    def places(self, only: str | None) -> Ints:
        """Name the lines that come back."""
        if only is None:
            return np.arange(self.size)
        wanted = only == "allowed"
        # Of who is in no class it is told below: the last one is hers meanwhile.
        told = np.array([*(answer.allowed is wanted for answer in self.alike), False])
        back = told[self.classes]
        for at, answer in self.whole.items():
            back[at] = answer.allowed is wanted
        return np.flatnonzero(back)


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
