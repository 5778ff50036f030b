"""The spool: an uploaded file, kept sealed until it is done with.

Frames of at most 64 KiB, each sealed under the organisation's data key and bound to its job
and its place, so that none can be cut out, moved or read by whoever holds the disk.
"""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..keyring import OrganisationKeys

FRAME: Final = 64 * 1024
_LENGTH: Final = struct.Struct(">I")


class SpoolDamaged(Exception):
    """The file is shorter than what was written."""


def folder(data: Path) -> Path:
    """Give the folder of spooled files; made for its owner alone."""
    place = data / "imports"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def write(path: Path, keys: OrganisationKeys, job: int, plain: Iterator[bytes]) -> int:
    """Seal a stream of bytes into a file; gives how many there were."""
    total = frames = 0
    waiting = bytearray()
    with path.open("wb") as file:
        path.chmod(0o600)
        for piece in plain:
            total += len(piece)
            waiting += piece
            while len(waiting) >= FRAME:
                frames = _put(file, keys, job, frames, bytes(waiting[:FRAME]))
                del waiting[:FRAME]
        _put(file, keys, job, frames, bytes(waiting))
        file.flush()
    return total


def _put(
    file: io.BufferedWriter, keys: OrganisationKeys, job: int, number: int, plain: bytes
) -> int:
    sealed = keys.seal(plain, f"import_spool|{number}", job)
    file.write(_LENGTH.pack(len(sealed)) + sealed)
    return number + 1


class Spooled(io.RawIOBase):
    """Reads a sealed file from its beginning, a frame at a time."""

    def __init__(self, path: Path, keys: OrganisationKeys, job: int, total: int) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._keys, self._job, self._left = keys, job, total
        self._frame, self._at, self._number = b"", 0, 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override] # as `io` calls it
        """Give what fits; 0 at the end, which must be where it was written to be."""
        if self._at == len(self._frame) and self._left:
            self._next()
        piece = self._frame[self._at : self._at + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _next(self) -> None:
        head = self._file.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            raise SpoolDamaged("the spooled file ends early")
        sealed = self._file.read(_LENGTH.unpack(head)[0])
        self._frame = self._keys.unseal(sealed, f"import_spool|{self._number}", self._job)
        self._at, self._number = 0, self._number + 1
        self._left -= len(self._frame)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


def text_of(
    path: Path, keys: OrganisationKeys, job: int, total: int
) -> io.TextIOWrapper[io.BufferedReader[Any]]:
    """Open a sealed file as the text it is."""
    raw: Any = Spooled(path, keys, job, total)
    return io.TextIOWrapper(io.BufferedReader(raw, 4 * FRAME), encoding="utf-8", newline="")
