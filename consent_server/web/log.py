"""Logs: one JSON line per event, made of fields on a list; nothing personal is on it.

No query string, no body, no raw path (it may hold a token), no message of an exception
(it may hold an address). A field that is not on the list does not reach the log, so that
a careless line in any room cannot leak either (design.md §5, promise 9).
"""

from __future__ import annotations

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

    def stamp(_logger: object, _name: str, line: MutableMapping[str, Any]) -> dict[str, Any]:
        return {"time": rfc3339(clock()), **{k: v for k, v in line.items() if k in FIELDS}}

    structlog.configure(
        processors=[structlog.processors.add_log_level, stamp, _render],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping().get(level, logging.INFO)
        ),
        logger_factory=structlog.WriteLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )


_render: Final = structlog.processors.JSONRenderer(ensure_ascii=False)
