"""Frames: what two processes of ours say to each other over a socket, each whole or not."""

from __future__ import annotations

import pickle
from socket import MSG_WAITALL
from struct import Struct
from typing import TYPE_CHECKING, Any, Final

from ...problems import Unavailable

if TYPE_CHECKING:
    from socket import socket

# Who asked says what is wanted; then each frame of the other side is answered by one of ours.
ORDER: Final = b"o"
NEXT: Final = b"n"
QUESTION: Final = b"q"
QUESTION_ENDED: Final = b"e"
# Who answers wants more of the question, took it, gives a block, is done, or refuses.
MORE: Final = b"m"
TAKEN: Final = b"t"
BLOCK: Final = b"b"
DONE: Final = b"d"
REFUSED: Final = b"r"

_HEAD: Final = Struct(">cI")


class Gone(Unavailable):
    """Whoever was spoken to is gone: a process was killed, or let go."""

    title = "The list is not answered any more"


def told_of(error: Exception) -> bytes:
    """Write what somebody is refused with, for `raised` on the other side."""
    try:
        return pickle.dumps(error)
    except (pickle.PicklingError, TypeError, AttributeError):
        return pickle.dumps(RuntimeError(type(error).__name__))


def raised(told: bytes) -> Exception:
    """Give what the other side was refused with, to be raised here."""
    error: Any = pickle.loads(told)  # noqa: S301 - from our own process
    assert isinstance(error, Exception)  # noqa: S101 - see `told_of`
    return error


class Line:
    """One end of a socket that frames go over."""

    def __init__(self, end: socket) -> None:
        self._end = end

    def say(self, kind: bytes, told: bytes = b"") -> None:
        """Send a frame; raises `Gone`."""
        head = _HEAD.pack(kind, len(told))
        try:
            # Both at once, and no copy of what may be megabytes.
            sent = self._end.sendmsg([head, told]) - _HEAD.size
            if sent < len(told):
                self._end.sendall(memoryview(told)[sent:] if sent >= 0 else head[sent:] + told)
        except OSError:
            raise Gone from None

    def hear(self) -> tuple[bytes, bytes]:
        """Wait for the next frame; raises `Gone`."""
        kind, length = _HEAD.unpack(self._read(_HEAD.size))
        return kind, self._read(length)

    def close(self) -> None:
        """Let go: the other side hears of it."""
        self._end.close()

    def _read(self, length: int) -> bytes:
        first = self._some(length)
        if len(first) == length:
            return first
        # A signal came between.
        found = bytearray(length)
        found[: len(first)] = first
        left = memoryview(found)[len(first) :]
        while left:
            some = self._some(len(left))
            left[: len(some)] = some
            left = left[len(some) :]
        return bytes(found)

    def _some(self, most: int) -> bytes:
        """Read what there is; all of it where one may wait for it."""
        if not most:
            return b""
        try:
            found = self._end.recv(most, MSG_WAITALL)
        except OSError:
            found = b""
        if not found:
            raise Gone
        return found
