"""Logs: one JSON line per event, made of fields on a list; nothing personal is on it.

No query string, no body, no raw path (it may hold a token), no message of an exception
(it may hold an address). A field that is not on the list does not reach the log, so that
a careless line in any room cannot leak either (design.md §5, promise 9).
"""

from __future__ import annotations

import json
import logging
import sys
from typing import TYPE_CHECKING, Any, Final

import structlog

from ..clock import rfc3339

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import TextIO

    from ..clock import Clock

FIELDS: Final = frozenset(
    {
        "attempt", "count", "error", "event", "format", "index", "job", "kind", "level",
        "log", "method", "ms", "organisation", "pid", "port", "reason", "request_id", "route",
        "seq", "seconds", "signal", "size", "state", "status", "time", "where", "worker",
    }
)  # fmt: skip


def configure(level: str, clock: Clock, stream: TextIO | None = None) -> None:
    """Send every line of structlog, in this process, to one stream as JSON."""

    def stamp(_logger: object, name: str, line: MutableMapping[str, Any]) -> dict[str, Any]:
        kept = {field: value for field, value in line.items() if field in FIELDS}
        return {"time": rfc3339(clock()), "level": name, **kept}

    structlog.configure(
        processors=[stamp, _render],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping().get(level, logging.INFO)
        ),
        logger_factory=lambda *_: _Lines(stream),
        cache_logger_on_first_use=False,
    )


class Requests:
    """The line of each request: as the others are, but put together by hand.

    There is one for every answer, and it holds nothing that was sent: the method is one of a
    list, the route a template, the rest are numbers and a name of ours.
    """

    def __init__(self, level: str, clock: Clock) -> None:
        self._told = logging.getLevelNamesMapping().get(level, logging.INFO) <= logging.INFO
        self._clock = clock
        self._write = _Lines(None).info

    def add(self, method: str, route: str, status: int, ms: float, request_id: str) -> None:
        """Write one."""
        if self._told:
            self._write(
                f'{{"time": "{rfc3339(self._clock())}", "level": "info", "method": "{method}",'
                f' "route": "{route}", "status": {status}, "ms": {ms},'
                f' "request_id": "{request_id}", "event": "request"}}\n'
            )


class _Lines:
    """Writes each line whole, so that the lines of several workers do not mix."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def _write(self, line: str) -> None:
        stream = self._stream or sys.stderr
        try:
            stream.write(line)
            stream.flush()
        except OSError:
            # A full disk must not turn a true answer, or a write that is kept, into a failure.
            return

    debug = info = warning = error = critical = _write


def _render(_logger: object, _name: str, line: MutableMapping[str, Any]) -> str:
    return _ENCODER.encode(line) + "\n"


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, default=str)
