"""What is sent becomes UTF-8 text: unpacked within bounds, decoded, or refused at once."""

from __future__ import annotations

import codecs
import zlib
from typing import TYPE_CHECKING, Final

from ..problems import Problem, TooLarge, UnreadableBody

if TYPE_CHECKING:
    from collections.abc import Iterator

CHARSETS: Final = ("utf-8", "utf-16", "iso-8859-1", "iso-8859-15", "windows-1252")
# A text packs ten to one, rarely twenty; what packs better is an attack.
_RATIO: Final = 100
_FREE: Final = 1024 * 1024
_PIECE: Final = 64 * 1024
_GZIP: Final = b"\x1f\x8b"
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class WrongCharset(UnreadableBody):
    """The bytes are not text in the charset they should be in."""

    code = "wrong_charset"
    title = "The file's characters cannot be read"


class PackedTooWell(TooLarge):
    """A small file that unpacks to an enormous one."""

    code = "packed_too_well"
    title = "The file unpacks to too much"


def utf8(pieces: Iterator[bytes], *, charset: str | None, most: int) -> Iterator[bytes]:
    """Give a file as UTF-8 without a byte order mark, refusing what is too large or no text."""
    yield from _decoded(_bounded(_unpacked(pieces), most), charset)


def _bounded(pieces: Iterator[bytes], most: int) -> Iterator[bytes]:
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > most:
            raise TooLarge(f"at most {most} bytes are taken, unpacked; send it in parts")
        yield piece


def _unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    first = b""
    for piece in pieces:
        first += piece
        if len(first) >= len(_GZIP):
            break
    if not first.startswith(_GZIP):
        yield first
        yield from pieces
        return
    yield from _gunzip(first, pieces)


def _gunzip(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(wbits=31)
    packed = unpacked = 0
    try:
        for piece in _each(first, pieces):
            packed += len(piece)
            while piece:
                plain = unpacker.decompress(piece, _PIECE)
                unpacked += len(plain)
                if unpacked > _FREE + packed * _RATIO:
                    raise PackedTooWell(f"more than {_RATIO} to one is not taken for a text")
                yield plain
                piece = unpacker.unconsumed_tail
                if unpacker.eof:
                    # Files that were packed one after the other are one.
                    piece = unpacker.unused_data
                    unpacker = zlib.decompressobj(wbits=31) if piece else unpacker
                    if not piece:
                        break
        if not unpacker.eof:
            raise UnreadableBody("the gzip file ends early; send it again")
    except zlib.error:
        raise UnreadableBody("the gzip file is damaged; send it again") from None


def _each(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _decoded(pieces: Iterator[bytes], charset: str | None) -> Iterator[bytes]:
    first = b""
    for piece in pieces:
        first += piece
        if len(first) >= 4:
            break
    name, skip = _charset(first, charset)
    decoder = codecs.getincrementaldecoder(name)()
    lines = 1
    try:
        for piece in _each(first[skip:], pieces):
            text = decoder.decode(piece)
            yield text.encode()
            lines += text.count("\n")
        yield decoder.decode(b"", final=True).encode()
    except UnicodeDecodeError as error:
        lines += error.object[: error.start].count(b"\n")
        raise _wrong(name, lines) from None
    except UnicodeError:
        # UTF-16 that does not say in which order its bytes come.
        raise _wrong(name, lines) from None


def _charset(first: bytes, declared: str | None) -> tuple[str, int]:
    name = (declared or "").lower()
    if name and name not in CHARSETS and name not in {"utf8", "latin-1", "latin1", "cp1252"}:
        raise WrongCharset(f"charset is one of {', '.join(CHARSETS)}")
    for mark, told in _BOMS:
        if first.startswith(mark):
            return told, len(mark)
    if name in {"", "utf-8", "utf8"}:
        if first[1:2] == b"\0" or first[:1] == b"\0":
            raise WrongCharset(
                "this looks like UTF-16: save it as UTF-8, or say charset=utf-16"
            )
        return "utf-8", 0
    return name, 0


def _wrong(name: str, lines: int) -> Problem:
    if name != "utf-8":
        return WrongCharset(f"near line {lines} is something that {name} does not have")
    return WrongCharset(
        f"near line {lines} is something that UTF-8 does not have: save the file as UTF-8, or"
        " say what it is, for example charset=windows-1252"
    )
