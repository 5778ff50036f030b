"""The journal: withdrawals and objections, kept outside the database too.

A restored backup forgets the noes said since it was made, and would let people be
contacted who have left. This file is backed up apart, so that they can be said again
(design.md §8). It names nobody: a keyed hash, the purposes, the time.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from ..clock import rfc3339_micros
from ..db import to_json
from ..ids import public
from ..problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

NAME: Final = "noes.jsonl"
# A refusal that meets no yes of the person, through any of her identifiers, needs no line:
# whoever is forgotten to have refused is never asked, a no.
_LOSABLE: Final = frozenset({"refused"})


def write_noes(
    folder: Path,
    *,
    organisation: int,
    decision: int,
    recorded_at: int,
    hashes: Callable[[], Sequence[bytes]],
    choices: Mapping[str, Mapping[str, Any]],
    undoing: Collection[str] = (),
    waiting: list[bytes] | None = None,
) -> bool:
    """Add a line for the noes that undo something, flushed to disk; tells whether it did.

    Called before the commit: a line too many says no to somebody once more, a line too few
    would lose a no. With `waiting` the line is left there, for `write_lines`.
    """
    noes = {
        public("pur", int(purpose)): choice["named"]
        for purpose, choice in choices.items()
        if choice["answer"] == "no" and (choice["named"] not in _LOSABLE or purpose in undoing)
    }
    if not noes:
        return False
    line = {
        "organisation": public("org", organisation),
        "decision": public("dec", decision),
        "recorded_at": rfc3339_micros(recorded_at),
        "identifiers": [each.hex() for each in hashes()],
        "noes": noes,
    }
    text = f"{to_json(line)}\n".encode()
    if waiting is None:
        write_lines(folder, [text])
    else:
        waiting.append(text)
    return True


def write_lines(folder: Path, lines: Sequence[bytes]) -> None:
    """Add lines, flushed to disk once for all of them; before the commit."""
    if lines:
        _append(folder / NAME, b"".join(lines))


def _append(path: Path, line: bytes) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # One write to a file opened for appending: lines of several processes do not mix.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            written = os.write(handle, line)
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError:
        written = 0
    if written != len(line):
        raise Unavailable("nothing was written; send it again", headers={"Retry-After": "1"})
