"""What cannot be read as HTTP at all is refused in our shape, too, and never repeated.

gunicorn answers such requests itself, before the application sees them: as a page of HTML
that holds the very line that it could not read, and so perhaps an address or a token.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Final

from gunicorn.http import errors

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


def status_of(error: Exception) -> tuple[HTTPStatus, str]:
    """Say with what an unreadable request is refused, and why."""
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
