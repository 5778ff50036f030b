"""The journal: what a restored backup must not forget, kept outside the database too.

Noes, suppressions and erasures, each a line of JSON, flushed to disk before the commit it
goes with: a line too many says no once more, a line too few would lose one (design.md §8).
It names nobody: keyed hashes, ids, times.
"""

from __future__ import annotations

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
        # One write to a file opened for appending: lines of several processes do not mix.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            written = os.write(handle, text)
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError:
        written = 0
    if written != len(text):
        raise Unavailable("nothing was written; send it again", headers={"Retry-After": "1"})
