"""Intake: a body of any length in blocks, uncompressed, and cut into records."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final, Protocol

from ...problems import TooLarge, UnreadableBody

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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


def records(whole: Iterable[bytes], *, quoted: bool) -> Iterator[bytes | None]:
    """Cut blocks into lines without their ends; None for a line too long to be one.

    `quoted`: an odd number of quotation marks goes on over the end of the line (RFC 4180).
    """
    parts: list[bytes] = []
    held = marks = 0
    for lines, marked in _lines(whole):
        if not quoted or not (marks or marked):
            yield from lines
            continue
        for line in lines:
            if not (marks or (line is not None and _QUOTE in line)):
                yield line
                continue
            held += len(line or b"")
            if line is None or held > LONGEST_RECORD:
                # A mark that is never closed must not swallow the rest of the file.
                yield None
                held, parts, marks = 0, [], 0
                continue
            parts.append(line)
            marks = (marks + line.count(_QUOTE)) % 2
            if not marks:
                yield b"\n".join(parts)
                held, parts = 0, []
    if parts:
        yield None


def _lines(whole: Iterable[bytes]) -> Iterator[tuple[list[bytes | None], bool]]:
    """Cut blocks into lines; with those of each, whether a quotation mark may be in them."""
    rest, too_long = b"", False
    for block in whole:
        told = rest + block
        lines: list[bytes | None] = [*told.split(b"\n")]
        rest = lines.pop() or b""
        if lines and too_long:
            lines[0] = None
            too_long = False
        if len(told) > LONGEST_RECORD:
            lines = [
                each if each is not None and len(each) <= LONGEST_RECORD else None
                for each in lines
            ]
        yield lines, _QUOTE in told
        if len(rest) > LONGEST_RECORD:
            rest, too_long = b"", True
    if too_long:
        yield [None], False
    elif rest:
        yield [rest], _QUOTE in rest
