"""Intake: a body of any length in blocks, uncompressed, and cut into records."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final, Protocol

from ...problems import TooLarge, UnreadableBody

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Piece = bytes | list[bytes | None]

BLOCK: Final = 256 * 1024
# Who waits for answers while asking waits for no more than this to be answered.
SMALL_BLOCK: Final = 8 * 1024
# A line longer than this is answered `unreadable` and never held whole.
LONGEST_RECORD: Final = 1024 * 1024
_GZIP: Final = 31
_QUOTE: Final = b'"'


class Stream(Protocol):
    """Something to read bytes from, as WSGI gives it."""

    def read(self, size: int, /) -> bytes:
        """Read at most so many bytes; none at the end."""


def blocks(stream: Stream, *, gzip: bool, most: int, size: int = BLOCK) -> Iterator[bytes]:
    """Read a body in blocks, uncompressed; raises `TooLarge` beyond `most` bytes.

    A bomb of gzip unfolds block by block, and only as far as the limit.
    """
    read = 0
    for block in _gunzipped(stream, size) if gzip else _plain(stream, size):
        read += len(block)
        if read > most:
            raise TooLarge(f"at most {most} bytes are taken here, uncompressed")
        yield block


def _plain(stream: Stream, size: int) -> Iterator[bytes]:
    while block := stream.read(size):
        yield block


def _gunzipped(stream: Stream, size: int) -> Iterator[bytes]:
    inflate = zlib.decompressobj(_GZIP)
    begun = False
    try:
        for raw in _plain(stream, size):
            left = raw
            while left:
                if inflate.eof:
                    # Several members one after the other are one file (RFC 1952, 2.2).
                    inflate = zlib.decompressobj(_GZIP)
                begun = True
                if block := inflate.decompress(left, BLOCK):
                    yield block
                left = inflate.unconsumed_tail or inflate.unused_data
        while begun and not inflate.eof:
            block = inflate.decompress(b"", BLOCK)
            if not block:
                raise UnreadableBody("the compressed body ends before its end")
            yield block
    except zlib.error:
        raise UnreadableBody("the body is not the gzip it says it is") from None


class Pieces:
    """A file cut into records: several at once, as far as nothing is quoted in them.

    A piece is bytes, lines without an end after the last one, or a list: of records, each
    without its end, or None for a line too long to be one.
    """

    def __init__(self, whole: Iterable[bytes], *, quoted: bool) -> None:
        self._pieces = _pieces(whole, quoted=quoted)
        self._back: list[Piece] = []

    def __iter__(self) -> Iterator[Piece]:
        """Give what is left."""
        while self._back:
            yield self._back.pop()
        yield from self._pieces

    def first(self) -> bytes | None:
        """Take the first record; None if there is none, or it is too long."""
        for piece in self._pieces:
            if isinstance(piece, bytes):
                head, more, rest = piece.partition(b"\n")
                if more:
                    self._back.append(rest)
                return head
            if piece[1:]:
                self._back.append(piece[1:])
            return piece[0]
        return None


def records(whole: Iterable[bytes], *, quoted: bool) -> Iterator[bytes | None]:
    """Cut blocks into lines without their ends; None for a line too long to be one.

    `quoted`: an odd number of quotation marks goes on over the end of the line (RFC 4180).
    """
    for piece in _pieces(whole, quoted=quoted):
        yield from piece.split(b"\n") if isinstance(piece, bytes) else piece


def _pieces(whole: Iterable[bytes], *, quoted: bool) -> Iterator[Piece]:
    marks = _Marks()
    for piece in _lines(whole):
        if not quoted or not (marks.open or _marked(piece)):
            yield piece
        elif found := list(marks.records(piece)):
            yield found
    if marks.open:
        yield [None]


class _Marks:
    """Puts lines together that quotation marks hold together."""

    def __init__(self) -> None:
        self.open = False
        self._parts: list[bytes] = []
        self._held = 0

    def records(self, piece: Piece) -> Iterator[bytes | None]:
        """Give the records that end in a piece."""
        for line in piece.split(b"\n") if isinstance(piece, bytes) else piece:
            if not (self.open or (line is not None and _QUOTE in line)):
                yield line
                continue
            self._held += len(line or b"")
            if line is None or self._held > LONGEST_RECORD:
                # A mark that is never closed must not swallow the rest of the file.
                self._begin()
                yield None
                continue
            self._parts.append(line)
            self.open ^= bool(line.count(_QUOTE) % 2)
            if not self.open:
                whole = b"\n".join(self._parts)
                self._begin()
                yield whole

    def _begin(self) -> None:
        self._held, self._parts, self.open = 0, [], False


def _marked(piece: Piece) -> bool:
    if isinstance(piece, bytes):
        return _QUOTE in piece
    return any(line is not None and _QUOTE in line for line in piece)


def _lines(whole: Iterable[bytes]) -> Iterator[Piece]:
    """Cut blocks behind the last line that is whole."""
    rest, too_long = b"", False
    for block in whole:
        told = rest + block
        end = told.rfind(b"\n")
        rest = told[end + 1 :]
        if end >= 0:
            if too_long or len(told) > LONGEST_RECORD:
                yield _measured(told[:end], too_long=too_long)
            else:
                yield told[:end]
            too_long = False
        if len(rest) > LONGEST_RECORD:
            rest, too_long = b"", True
    if too_long:
        yield [None]
    elif rest:
        yield rest


def _measured(lines: bytes, *, too_long: bool) -> list[bytes | None]:
    found = [line if len(line) <= LONGEST_RECORD else None for line in lines.split(b"\n")]
    return [None, *found[1:]] if too_long else found
