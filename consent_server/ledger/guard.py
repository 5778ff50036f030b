"""The guard: the highest checkpoint signed of each log, kept outside the database.

A database restored from an old backup looks whole to itself; only something that was not
restored with it can tell. A log that signed twice over the same places would have two
histories, so it must not sign again (design.md §8; security.md, test 113).
"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from .checkpoint import parse_checkpoint_body
from .note import parse_note

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOG_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,80}")


class Guard:
    """A folder with one checkpoint per log, which only ever grows."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def highest(self, log: str) -> str | None:
        """Give the highest checkpoint that this log signed here; None if it never did."""
        try:
            return self._path(log).read_text()
        except FileNotFoundError:
            return None

    def logs(self) -> list[str]:
        """Name the logs that have signed something here."""
        return sorted(path.stem for path in self._folder.glob("*.checkpoint"))

    def end(self, log: str) -> None:
        """Guard a log no more: it was a sandbox's, and its name is never used again."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked(log):
            # Said before it is done: a sequencer at work may come here once more.
            self._ended(log).touch(mode=0o600)
            self._path(log).unlink(missing_ok=True)

    def begin_again(self, log: str, note: str) -> None:
        """Keep a checkpoint under another name, however high the one before was; it stays."""
        with self._locked(log):
            kept = self.highest(log)
            if kept is not None:
                ended = self._path(log).with_name(f"{log}.{size_of(kept)}.ended-note")
                ended.write_text(kept)
            self._replace(log, note)

    def _ended(self, log: str) -> Path:
        return self._path(log).with_suffix(".ended")

    def raise_to(self, log: str, note: str) -> None:
        """Keep a checkpoint that was just committed, unless a higher one is kept already."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked(log):
            if self._ended(log).exists():
                return
            kept = self.highest(log)
            if kept is None or size_of(kept) < size_of(note):
                self._replace(log, note)

    def _path(self, log: str) -> Path:
        if not _LOG_NAME.fullmatch(log):
            raise ValueError(f"{log!r} is no name of a log")
        return self._folder / f"{log}.checkpoint"

    @contextmanager
    def _locked(self, log: str) -> Iterator[None]:
        # Two sequencers may come here in another order than they committed in.
        with self._path(log).with_suffix(".lock").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _replace(self, log: str, note: str) -> None:
        path = self._path(log)
        fresh = path.with_suffix(".fresh")
        with fresh.open("wb") as file:
            file.write(note.encode())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        # Without this a power cut may bring the old name back.
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def size_of(note: str) -> int:
    """Read the size out of a checkpoint without checking who signed it."""
    return parse_checkpoint_body(parse_note(note).text).size
