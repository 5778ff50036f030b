"""Counters in one small file that every worker maps: the store of the rate limits.

A table of fixed size, eight slots to a bucket. A slot holds 16 bytes of a keyed hash of
the limit's key (no network address lies in the file), the window it counts, and the
count. A bucket is locked by a thread lock and a POSIX lock on one byte, which the kernel
takes back when a process is killed. A slot in use is never torn by that: only its count is
written, in one piece. One being taken is dead until its last field, the window, is there.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import struct
import weakref
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_SLOT: Final = struct.Struct("=16sQII")  # key, end of window in seconds, count, window
_COUNT: Final = 24  # where the count lies in a slot
_SLOTS: Final = 8
_BUCKETS: Final = 8192
_BUCKET: Final = _SLOT.size * _SLOTS
SIZE: Final = _BUCKET * _BUCKETS
_MOST: Final = 2**32 - 1
_ALIVE: Final[weakref.WeakSet[SharedCounters]] = weakref.WeakSet()


class SharedCounters:
    """Fixed windows counted once for all processes of a machine."""

    def __init__(self, path: Path, secret: bytes, clock: Callable[[], float]) -> None:
        self._secret, self._clock = secret, clock
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        weakref.finalize(self, os.close, self._file)
        if os.fstat(self._file).st_size != SIZE:
            os.ftruncate(self._file, SIZE)
        # Reserved now: a write into a hole of a full disk would kill the worker (SIGBUS).
        os.posix_fallocate(self._file, 0, SIZE)
        self._map = mmap.mmap(self._file, SIZE)
        self._counts = memoryview(self._map).cast("I")
        self._lock = Lock()
        _ALIVE.add(self)

    def now(self) -> int:
        """Tell the second by the clock that the windows follow."""
        return int(self._clock())

    def begin_again(self) -> None:
        """Take a lock that nobody holds, in a process just forked."""
        self._lock = Lock()

    def hit(
        self, key: str, window: int, amount: int = 1, *, now: int | None = None
    ) -> tuple[int, int]:
        """Count once; gives the count in this window and when the window ends."""
        name, start = self._place(key)
        now = self.now() if now is None else now
        # As `_held` does, without the cost of a context manager: every request counts.
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX, 1, start)
            try:
                at, count, end = self._find(name, start, now, window)
                count, before = min(count + amount, _MOST), count
                if before:
                    self._counts[(at + _COUNT) // 4] = count
                else:
                    _SLOT.pack_into(self._map, at, name, end, count, window)
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, start)
        return count, end

    def get(self, key: str) -> int:
        """Tell the count of the window that is running."""
        return self._running(key)[0]

    def get_expiry(self, key: str) -> float:
        """Tell when the window that is running ends; now, if none is."""
        return self._running(key)[1]

    def check(self) -> bool:
        """Tell whether the store can count."""
        return os.fstat(self._file).st_size == SIZE

    def reset(self) -> int | None:
        """Forget every count."""
        for start in range(0, SIZE, _BUCKET):
            with self._held(start):
                self._map[start : start + _BUCKET] = bytes(_BUCKET)
        return None

    def clear(self, key: str) -> None:
        """Forget one count."""
        name, start = self._place(key)
        with self._held(start):
            for at in range(start, start + _BUCKET, _SLOT.size):
                if self._map[at : at + 16] == name:
                    self._map[at : at + _SLOT.size] = bytes(_SLOT.size)

    def _place(self, key: str) -> tuple[bytes, int]:
        digest = hashlib.blake2b(key.encode(), key=self._secret, digest_size=20).digest()
        return digest[:16], int.from_bytes(digest[16:], "little") % _BUCKETS * _BUCKET

    @contextmanager
    def _held(self, start: int) -> Iterator[None]:
        # POSIX locks belong to the process, so its own threads need a lock of theirs.
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX, 1, start)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, start)

    def _find(self, name: bytes, start: int, now: int, window: int) -> tuple[int, int, int]:
        """Find the key's slot, else a dead one, else the one whose loss matters least."""
        spare, least = start, _MOST + 1
        for at in range(start, start + _BUCKET, _SLOT.size):
            key, end, count, length = _SLOT.unpack_from(self._map, at)
            # A window that ends too late was torn, or made before the clock was set back.
            alive = now < end <= now + length
            if key == name and alive and length == window:
                return at, count, end
            worth = -2 if key == name else count if alive else -1
            if worth < least:
                spare, least = at, worth
        return spare, 0, now - now % window + window

    def _running(self, key: str) -> tuple[int, float]:
        name, start = self._place(key)
        now = self.now()
        with self._held(start):
            for at in range(start, start + _BUCKET, _SLOT.size):
                found, end, count, length = _SLOT.unpack_from(self._map, at)
                if found == name and now < end <= now + length:
                    return count, float(end)
        return 0, float(now)


def _after_fork() -> None:
    for counters in _ALIVE:
        counters.begin_again()


os.register_at_fork(after_in_child=_after_fork)
