"""Frames: what two processes of ours say to each other over a socket, each whole or not."""

from __future__ import annotations

import pickle
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
        try:
            self._end.sendall(_HEAD.pack(kind, len(told)) + told)
        except OSError:
            raise Gone from None

    def hear(self) -> tuple[bytes, bytes]:
        """Wait for the next frame; raises `Gone`."""
        kind, length = _HEAD.unpack(self._read(_HEAD.size))
        return kind, bytes(self._read(length))

    def close(self) -> None:
        """Let go: the other side hears of it."""
        self._end.close()

    def _read(self, length: int) -> bytearray:
        found = bytearray(length)
        left = memoryview(found)
        while left:
            try:
                count = self._end.recv_into(left)
            except OSError:
                count = 0
            if not count:
                raise Gone
            left = left[count:]
        return found
