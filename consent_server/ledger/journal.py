"""The journal: what a restored backup must not forget, kept outside the database too.

Noes, suppressions and erasures, each a line of JSON, flushed to disk before the commit it
goes with: a line too many says no once more, a line too few would lose one (design.md §8).
It names nobody: keyed hashes, ids, times. A line that a kill or a full disk tore was never
committed; the next one begins a line of its own, or it would be lost with that.
"""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, Any, Final

from ..db import to_json
from ..problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

FOLDER: Final = "journal"


def journal_line(line: Mapping[str, Any]) -> bytes:
    """Write one line of the journal."""
    return f"{to_json(line)}\n".encode()


def write_journal(folder: Path, name: str, lines: Sequence[bytes]) -> None:
    """Add lines to a file of the journal, in one write, flushed to disk."""
    if lines:
        _append(folder / name, b"".join(lines))


def _append(path: Path, text: bytes) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            # One writer at a time, or two could begin behind one torn line and mix.
            fcntl.flock(handle, fcntl.LOCK_EX)
            text = _line_of_its_own(handle) + text
            written = os.write(handle, text)
            # Others write while this one waits for the disk.
            fcntl.flock(handle, fcntl.LOCK_UN)
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError:
        written = 0
    if written != len(text):
        raise Unavailable("nothing was written; send it again", headers={"Retry-After": "1"})


def _line_of_its_own(handle: int) -> bytes:
    """Give what ends a line that its writer could not end."""
    size = os.fstat(handle).st_size
    return b"" if size == 0 or os.pread(handle, 1, size - 1) == b"\n" else b"\n"
