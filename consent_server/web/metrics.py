"""Metrics of all workers together: how many requests, how they ended, how long they took.

The format, the files and the merging are prometheus_client's multiprocess mode; written
here without its environment variable, which would have to be set before the first import.
Labels are route templates and status classes: no address, no organisation, no token.
"""

from __future__ import annotations

import os
import shutil
import weakref
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# The library publishes no types for these two.
_file: Callable[[str], Any] = MmapedDict
_merged: Callable[..., object] = MultiProcessCollector

BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_COUNT: Final = "consent_http_requests"
_TIME: Final = "consent_http_seconds"
_COUNT_HELP: Final = "Requests answered, by route, method and class of status."
_TIME_HELP: Final = "Seconds from request to answer, by route."
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
        self._counter = _file(str(self._folder / f"counter_{self._pid}.db"))
        self._histogram = _file(str(self._folder / f"histogram_{self._pid}.db"))
        self._files += [self._counter, self._histogram]
        self._keys: dict[tuple[str, str, int], str] = {}
        self._buckets: dict[str, tuple[tuple[float, str], ...]] = {}

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        with self._lock:
            if self._pid != os.getpid():
                self._open()
            kind = (route, method, status // 100)
            key = self._keys.get(kind)
            if key is None:
                key = self._learn(kind)
            _raise(self._counter, key, 1.0)
            *bounds, (_, total) = self._buckets[route]
            _raise(self._histogram, total, seconds)
            _raise(
                self._histogram, next(name for bound, name in bounds if seconds <= bound), 1.0
            )

    def _learn(self, kind: tuple[str, str, int]) -> str:
        route, method, status = kind
        labels = {"route": route, "method": method, "status": f"{status}xx"}
        names, values = list(labels), list(labels.values())
        key = mmap_key(_COUNT, f"{_COUNT}_total", names, values, _COUNT_HELP)
        self._keys[kind] = key
        if route not in self._buckets:
            bounds = [
                (
                    bound,
                    mmap_key(
                        _TIME, f"{_TIME}_bucket", ["route", "le"], [route, text], _TIME_HELP
                    ),
                )
                for bound, text in [*((b, str(b)) for b in BUCKETS), (float("inf"), "+Inf")]
            ]
            total = (0.0, mmap_key(_TIME, f"{_TIME}_sum", ["route"], [route], _TIME_HELP))
            for _, name in (*bounds, total):
                self._histogram.read_value(name)
            self._buckets[route] = (*bounds, total)
        return key

    def expose(self) -> bytes:
        """Write the figures of all processes in the Prometheus text format."""
        registry = CollectorRegistry()
        _merged(registry, path=str(self._folder))
        return generate_latest(registry)


def _raise(file: Any, key: str, amount: float) -> None:
    value, _ = file.read_value(key)
    file.write_value(key, value + amount, 0.0)


def _close(files: list[Any]) -> None:
    while files:
        files.pop().close()


def start_anew(data: Path) -> None:
    """Forget the figures of earlier runs; before the server's first process."""
    shutil.rmtree(data / "metrics", ignore_errors=True)


def _after_fork() -> None:
    for metrics in _ALIVE:
        metrics.begin_again()


os.register_at_fork(after_in_child=_after_fork)
