"""The journal's noes: withdrawals and objections, kept outside the database too.

A restored backup forgets the noes said since it was made, and would let people be
contacted who have left. This file is backed up apart, so that they can be said again
(design.md §8). It names nobody: a keyed hash, the purposes, the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .. import ledger
from ..clock import rfc3339_micros
from ..ids import public

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
    named: Callable[[], Mapping[str, Any]],
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
        **named(),
        "noes": noes,
    }
    text = ledger.journal_line(line)
    if waiting is None:
        write_lines(folder, [text])
    else:
        waiting.append(text)
    return True


def write_lines(folder: Path, lines: Sequence[bytes]) -> None:
    """Add lines, flushed to disk once for all of them; before the commit."""
    ledger.write_journal(folder, NAME, lines)
