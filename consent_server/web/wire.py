"""What cannot be read as HTTP at all is refused in our shape, too, and never repeated.

gunicorn answers such requests itself, before the application sees them: as a page of HTML
that holds the very line that it could not read, and so perhaps an address or a token.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, Final

from gunicorn import util
from gunicorn.http import errors
from gunicorn.workers.gthread import ThreadWorker

from .contract import PROBLEM

_OURS: Final = HTTPStatus.INTERNAL_SERVER_ERROR
_STATUS: Final = (
    (errors.LimitRequestLine, HTTPStatus.REQUEST_URI_TOO_LONG, "The address is too long."),
    (errors.LimitRequestHeaders, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
     "There are too many header fields, or one is too long."),
    (errors.UnsupportedTransferCoding, HTTPStatus.NOT_IMPLEMENTED,
     "Send the body plain or chunked."),
    (errors.ExpectationFailed, HTTPStatus.EXPECTATION_FAILED, "Expect 100-continue alone."),
    (errors.ConfigurationProblem, _OURS, ""),
    (errors.ParseException, HTTPStatus.BAD_REQUEST, "This is not an HTTP request."),
)  # fmt: skip


class Threads(ThreadWorker):  # type: ignore[misc] # it publishes no types
    """gunicorn's threaded worker, which refuses in our words."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer a request that was never handed to the application."""
        status, detail = _status_of(exc)
        if status is _OURS:
            # Neither the address nor the message: both may name a person.
            self.log.error("a request broke: %s", type(exc).__name__)
        try:
            util.write_nonblock(client, answer(status, detail))
        except OSError:
            self.log.debug("the caller has gone")


def _status_of(error: Exception) -> tuple[HTTPStatus, str]:
    for kind, status, detail in _STATUS:
        if isinstance(error, kind):
            return status, detail
    return _OURS, ""


def answer(status: HTTPStatus, detail: str) -> bytes:
    """Write the whole answer: a problem, and the end of the connection."""
    problem = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "code": status.phrase.lower().replace(" ", "_"),
        **({"detail": detail} if detail else {}),
    }
    body = json.JSONEncoder(separators=(",", ":")).encode(problem)
    head = (
        f"HTTP/1.1 {int(status)} {status.phrase}",
        "Connection: close",
        f"Content-Type: {PROBLEM}",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
    )
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()
