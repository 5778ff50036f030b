"""One process at a time: a lock on a file, which the kernel gives back when a process dies."""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .problems import RefusedToStart

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def in_turn(lock: Path) -> Iterator[None]:
    """Wait until nobody else is at it."""
    with lock.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def alone(lock: Path, otherwise: str) -> Iterator[None]:
    """Be the only one at it; raises RefusedToStart with these words where somebody is."""
    with lock.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RefusedToStart(otherwise) from error
        yield
