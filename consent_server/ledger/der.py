"""DER, only as far as one fault of others needs it: certificates of a stamp put in order.

A set is written in the order of its members' bytes (X.690, 11.6). OpenSSL's authority, and
those built on it, write the certificates of a stamp in another one, and a strict reader
refuses them. Nothing is signed over that order, and no length changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_CERTIFICATES: Final = 0xA0
_SHORT: Final = 0x80


class NotDer(ValueError):
    """The bytes are not the DER that was expected."""


def certificates_in_order(response: bytes) -> bytes:
    """Give a time-stamp response with the certificates of its token in DER's order."""
    # TimeStampResp > ContentInfo > [0] > SignedData, then its certificates (RFC 5652, 5.1).
    start, end = 0, len(response)
    for place in (0, 1, 1, 0):
        start, end = _inside(response, list(_members(response, start, end)), place)
    for at, size in _members(response, start, end):
        if response[at] == _CERTIFICATES:
            inner = _content(response, at, size)
            each = sorted(response[a : a + b] for a, b in _members(response, *inner))
            return response[: inner[0]] + b"".join(each) + response[inner[1] :]
    return response


def _inside(data: bytes, members: list[tuple[int, int]], place: int) -> tuple[int, int]:
    if place >= len(members):
        raise NotDer("a part is missing")
    return _content(data, *members[place])


def _content(data: bytes, at: int, size: int) -> tuple[int, int]:
    _, head = _length(data, at)
    return at + head, at + size


def _members(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give where each value between two places begins, and how long it is in all."""
    at = start
    while at < end:
        length, head = _length(data, at)
        if at + head + length > end:
            raise NotDer("a value is longer than what holds it")
        yield at, head + length
        at += head + length


def _length(data: bytes, at: int) -> tuple[int, int]:
    """Read how long the value at a place is, and how long its head."""
    if at + 2 > len(data):
        raise NotDer("it ends early")
    first = data[at + 1]
    if first < _SHORT:
        return first, 2
    count = first - _SHORT
    written = data[at + 2 : at + 2 + count]
    if not 1 <= count <= 4 or len(written) < count:
        raise NotDer("no length that we know")
    return int.from_bytes(written, "big"), 2 + count
