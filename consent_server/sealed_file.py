"""A file that only its organisation can read: frames sealed one by one, each in its place.

Frames of at most 64 KiB, sealed under the organisation's data key and bound to what the file
is, to its owner and to their number, so that none can be cut out, moved or read by whoever
holds the disk. Unlike a temporary file's, this key outlives the process.
"""

from __future__ import annotations

import io
import os
import struct
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from pathlib import Path

    from .keyring import OrganisationKeys

FRAME: Final = 64 * 1024
_LENGTH: Final = struct.Struct(">I")


class FileDamaged(Exception):
    """The file is shorter than what was written."""


class Seal:
    """What binds the frames of one file: whose it is, what it is, and which one of those."""

    def __init__(self, keys: OrganisationKeys, what: str, owner: int) -> None:
        self._keys, self._what, self._owner = keys, what, owner

    def close(self, number: int, plain: bytes) -> bytes:
        """Seal the frame of a number, its length before it."""
        sealed = self._keys.seal(plain, f"{self._what}|{number}", self._owner)
        return _LENGTH.pack(len(sealed)) + sealed

    def open(self, number: int, sealed: bytes) -> bytes:
        """Open the frame of a number; `CannotOpen` if it is another one."""
        return self._keys.unseal(sealed, f"{self._what}|{number}", self._owner)


class Writer:
    """Appends to a sealed file, behind the bytes that are known to be true."""

    def __init__(
        self, path: Path, seal: Seal, *, frames: int = 0, size: int = 0, total: int = 0
    ) -> None:
        self._file = path.open("r+b" if frames else "wb")
        path.chmod(0o600)
        # What a killed writer left behind the last frame that counts.
        self._file.truncate(size)
        self._file.seek(size)
        self._seal, self._waiting = seal, bytearray()
        # Frames, bytes on the disk, bytes before they were sealed.
        self.frames, self.size, self.total = frames, size, total

    def write(self, plain: bytes) -> None:
        """Append bytes; raises `OSError` when the disk is full."""
        self.total += len(plain)
        self._waiting += plain
        while len(self._waiting) >= FRAME:
            self._put(bytes(self._waiting[:FRAME]))
            del self._waiting[:FRAME]

    def settle(self) -> None:
        """See to it that everything written so far is on the disk."""
        if self._waiting:
            self._put(bytes(self._waiting))
            self._waiting.clear()
        self._file.flush()
        os.fsync(self._file.fileno())

    def _put(self, plain: bytes) -> None:
        frame = self._seal.close(self.frames, plain)
        self._file.write(frame)
        self.frames += 1
        self.size += len(frame)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def write(path: Path, seal: Seal, plain: Iterable[bytes]) -> int:
    """Seal a stream of bytes into a file; gives how many there were."""
    with Writer(path, seal) as file:
        for piece in plain:
            file.write(piece)
        file.settle()
        return file.total


def frames(path: Path, seal: Seal, total: int) -> Generator[bytes]:
    """Give what was sealed, frame by frame; raises `FileDamaged` if it ends before `total`."""
    number = 0
    with path.open("rb") as file:
        while total > 0:
            head = file.read(_LENGTH.size)
            if len(head) < _LENGTH.size:
                raise FileDamaged("the sealed file ends early")
            plain = seal.open(number, file.read(_LENGTH.unpack(head)[0]))
            yield plain
            number, total = number + 1, total - len(plain)


class Stream(io.RawIOBase):
    """A sealed file as a stream, from its beginning."""

    def __init__(self, path: Path, seal: Seal, total: int) -> None:
        super().__init__()
        self._frames = frames(path, seal, total)
        self._frame, self._at = b"", 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override] # as `io` calls it
        """Give what fits; 0 at the end, which must be where it was written to be."""
        if self._at == len(self._frame):
            self._frame, self._at = next(self._frames, b""), 0
        piece = self._frame[self._at : self._at + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        """Close the file."""
        self._frames.close()
        super().close()
