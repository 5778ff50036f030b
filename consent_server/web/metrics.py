"""Metrics of all workers together: how many requests, how they ended, how long they took.

The format, the files and the merging are prometheus_client's multiprocess mode; written
here without its environment variable, which would have to be set before the first import.
Labels are route templates and status classes: no address, no organisation, no token.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import weakref
from bisect import bisect_left
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

# The library publishes no types for these two.
_file: Callable[[str], Any] = MmapedDict
_merged: Callable[..., object] = MultiProcessCollector

BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_COUNT: Final = "consent_http_requests"
_TIME: Final = "consent_http_seconds"
_COUNT_HELP: Final = "Requests answered, by route, method and class of status."
_TIME_HELP: Final = "Seconds from request to answer, by route."
# As large as the library makes a file that it finds empty.
_SIZE: Final = 1 << 16
_ALIVE: Final[weakref.WeakSet[Metrics]] = weakref.WeakSet()


class Metrics:
    """One process's part of the figures, in files that every process can read."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._lock = Lock()
        self._pid = 0
        self._files: list[Any] = []
        weakref.finalize(self, _close, self._files)
        _ALIVE.add(self)

    def begin_again(self) -> None:
        """Take a lock that nobody holds and files of its own, in a process just forked."""
        self._lock = Lock()
        self._pid = 0

    def _open(self) -> None:
        self._pid = os.getpid()
        _close(self._files)
        self._counter, self._histogram, self._gauge = (
            _file(str(_born(self._folder / f"{kind}_{self._pid}.db")))
            for kind in ("counter", "histogram", "gauge_mostrecent")
        )
        self._files += [self._counter, self._histogram, self._gauge]
        self._more: dict[str, _Figure] = {}
        self._counts: dict[tuple[str, str, int], _Figure] = {}
        self._times: dict[str, tuple[_Figure, ...]] = {}

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answer."""
        kind = (route, method, status // 100)
        with self._lock:
            if self._pid == 0:
                self._open()
            count = self._counts.get(kind) or self._learn(kind)
            count.grow(1.0)
            times = self._times[route]
            times[bisect_left(BUCKETS, seconds)].grow(1.0)
            times[-1].grow(seconds)

    def count(self, name: str, text: str, labels: Mapping[str, str]) -> None:
        """Count one of something that is no request."""
        key = mmap_key(name, f"{name}_total", list(labels), list(labels.values()), text)
        with self._lock:
            self._ensure()
            figure = self._more.get(key)
            if figure is None:
                figure = self._more[key] = _Figure(self._counter, key)
            figure.grow(1.0)

    def tell(self, name: str, text: str, value: float, *, at: float) -> None:
        """Say how much of something there is; whichever process said it last is believed."""
        with self._lock:
            self._ensure()
            self._gauge.write_value(mmap_key(name, name, [], [], text), value, at)

    def _ensure(self) -> None:
        # A server that starts after its worker begins all figures anew, files and all.
        gone = self._pid and not (self._folder / f"counter_{self._pid}.db").exists()
        if self._pid == 0 or gone:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._open()

    def _learn(self, kind: tuple[str, str, int]) -> _Figure:
        route, method, status = kind
        labels = {"route": route, "method": method, "status": f"{status}xx"}
        names, values = list(labels), list(labels.values())
        if route not in self._times:
            of_route = [
                (f"{_TIME}_bucket", ["route", "le"], [route, bound])
                for bound in [*map(str, BUCKETS), "+Inf"]
            ]
            self._times[route] = tuple(
                _Figure(self._histogram, mmap_key(_TIME, *each, _TIME_HELP))
                for each in (*of_route, (f"{_TIME}_sum", ["route"], [route]))
            )
        key = mmap_key(_COUNT, f"{_COUNT}_total", names, values, _COUNT_HELP)
        count = self._counts[kind] = _Figure(self._counter, key)
        return count

    def expose(self) -> bytes:
        """Write the figures of all processes in the Prometheus text format."""
        registry = CollectorRegistry()
        _merged(registry, path=str(self._folder))
        return generate_latest(registry)


class _Figure:
    """A number that only this process writes, and so need not read again."""

    __slots__ = ("_file", "_key", "_value")

    def __init__(self, file: Any, key: str) -> None:
        self._file, self._key = file, key
        # There may be one of a process that is gone, which had the same number.
        self._value, _ = file.read_value(key)

    def grow(self, amount: float) -> None:
        self._value += amount
        self._file.write_value(self._key, self._value, 0.0)


def _born(path: Path) -> Path:
    """Make a file of no figures, whole from its first moment: others read it meanwhile."""
    if not path.exists():
        fresh = path.with_suffix(".new")
        fresh.write_bytes(bytes(_SIZE))
        fresh.replace(path)
    return path


def _close(files: list[Any]) -> None:
    while files:
        files.pop().close()


def start_anew(data: Path) -> None:
    """Forget the figures of earlier runs; before the server's first process.

    Not while another server counts into them: one that was started by mistake, and finds its
    port taken, would have wiped those of the one that serves.
    """
    if not data.is_dir():
        return
    # Held for as long as this process lives, and any that it forks.
    serving = os.open(data / "metrics.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with suppress(BlockingIOError):
        fcntl.flock(serving, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(data / "metrics", ignore_errors=True)
    fcntl.flock(serving, fcntl.LOCK_SH)


def _after_fork() -> None:
    for metrics in _ALIVE:
        metrics.begin_again()


os.register_at_fork(after_in_child=_after_fork)
