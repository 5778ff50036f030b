"""What all workers of one test run share: a folder, and things made in it once."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PREFIX = "consent-tests-"
_ALIVE = "alive"
_MEMORY = Path("/dev/shm")  # noqa: S108 # a folder of our own in it, as in the usual place
_ROOM = 4 << 30


def swiftest() -> Path:
    """Tell where files are written fastest: in memory if there is room, else where it is usual.

    A test writes little and often, and would wait for the disk most of its time. What is
    tested is the same: whoever must flush does, and what was written outlives a killed process.
    """
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM
    return _MEMORY if roomy and os.access(_MEMORY, os.W_OK) else Path(tempfile.gettempdir())


class RunFolder:
    """The folder of one test run; the lock on `alive` lasts as long as its owner does."""

    def __init__(self, where: Path | None = None) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=where))
        # PostgreSQL runs as a user of its own and must be able to walk through.
        self.path.chmod(0o711)
        # Locked before it has its name: another run that begins now takes it for abandoned.
        unnamed = self.path / f"{_ALIVE}.new"
        self._alive = unnamed.open("wb")
        fcntl.flock(self._alive, fcntl.LOCK_EX)
        unnamed.rename(self.path / _ALIVE)

    def close(self) -> None:
        """Give the folder back."""
        remove(self.path)
        self._alive.close()


def remove(folder: Path) -> None:
    """Remove the folder of a test run and all that was made in it."""
    shutil.rmtree(folder, ignore_errors=True)


def abandoned() -> Iterator[Path]:
    """Find folders of test runs that were killed before they could tidy up."""
    for place in {Path(tempfile.gettempdir()), _MEMORY}:
        for folder in place.glob(f"{PREFIX}*"):
            # The lock dies with the process that held it, so a free lock means a dead owner.
            if _is_free(folder / _ALIVE):
                yield folder


def _is_free(path: Path) -> bool:
    try:
        with path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        # Held by its owner, not made yet, or not ours to touch.
        return False
    return True


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock between the workers of one run."""
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def once(folder: Path, name: str, build: Callable[[Path], None]) -> Path:
    """Build something by the first worker that asks; the others wait for it."""
    with locked(folder / f"{name}.lock"):
        place, done = folder / name, folder / f"{name}.done"
        if not done.exists():
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(mode=0o711)
            build(place)
            done.touch()
    return place
