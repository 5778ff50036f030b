"""The spool: a campaign's question on disk, readable by nobody but the process that keeps it.

A file without a name, sealed block by block under a key that lives in memory alone: what a
killed process leaves behind is gone, and what a disk keeps of it cannot be read.
"""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Final, Self

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER: Final = "spool"
_SIZE_BYTES: Final = 4
_NONCE_BYTES: Final = 12


class Spool:
    """Bytes written once and read once, in blocks of the writer's choosing."""

    def __init__(self, data: Path) -> None:
        folder = data / FOLDER
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by `close`
        self._cipher = AESGCM(AESGCM.generate_key(bit_length=256))
        self._blocks = 0

    def write(self, block: bytes) -> None:
        """Append a block; raises `OSError` when the disk is full."""
        # The key is used for this file alone, so a counter is a nonce that never returns.
        nonce = self._blocks.to_bytes(_NONCE_BYTES, "big")
        sealed = self._cipher.encrypt(nonce, block, None)
        self._file.write(len(sealed).to_bytes(_SIZE_BYTES, "big") + sealed)
        self._blocks += 1

    def read(self) -> Iterator[bytes]:
        """Give the blocks in the order in which they came."""
        self._file.seek(0)
        for number in range(self._blocks):
            size = int.from_bytes(self._file.read(_SIZE_BYTES), "big")
            nonce = number.to_bytes(_NONCE_BYTES, "big")
            yield self._cipher.decrypt(nonce, self._file.read(size), None)

    def close(self) -> None:
        """Let go of the file, and with it of everything in it."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
