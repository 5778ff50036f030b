"""Every refusal leaves in one shape: a problem for machines, a small page for people.

Nothing that was sent comes back: no address, no token, no query string. Foreign and
absent give the same 404, byte for byte, so a problem carries nothing of its request;
only a fault of ours names the request, for our logs.
"""

from __future__ import annotations

import traceback
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import structlog
from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException

from ..db import TROUBLE
from ..problems import NoKey, NotFound, Problem, TooLarge, TooMany, Unavailable
from .contract import PROBLEM
from .current import request_id, settings
from .pages import render_error

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Flask

log = structlog.get_logger()

QUOTA: Final = "https://iana.org/assignments/http-problem-types#quota-exceeded"
# Where people come by a link; elsewhere a page is shown only to whoever asks for one.
_FOR_PEOPLE: Final = ("/u/", "/p/", "/n/", "/confirm/", "/privacy/", "/console", "/verify")
_FOR_MACHINES: Final = ("/v1/", "/log/", "/w/", "/.well-known/", "/metrics", "/healthz")
_FOR_BOTH: Final = ("/v1/receipts/", "/v1/docs")


def install(app: Flask) -> None:
    """Answer every exception of this application."""
    app.register_error_handler(Problem, _refuse)
    app.register_error_handler(HTTPException, _refuse_http)
    for trouble in TROUBLE:
        app.register_error_handler(trouble, _refuse_trouble)
    app.register_error_handler(Exception, _confess)


def _refuse(problem: Problem) -> Response:
    headers = dict(problem.headers)
    if isinstance(problem, NoKey):
        headers.setdefault("WWW-Authenticate", 'Bearer realm="consent"')
    if for_people():
        return _with(render_error(problem.status), headers)
    return _with(_problem(problem), headers)


def _refuse_http(error: HTTPException) -> Response:
    response = error.get_response()
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return Response(response.get_data(), response.status, response.headers)
    # Built on the library's answer: its Allow and Retry-After are part of the contract.
    kept = {
        name: response.headers[name]
        for name in ("Allow", "Retry-After")
        if name in response.headers
    }
    return _with(_refuse(_translated(error.code)), kept)


def _translated(status: int) -> Problem:
    known = HTTPStatus(status)
    if known is HTTPStatus.NOT_FOUND:
        return NotFound()
    if known is HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return TooLarge(f"at most {request.max_content_length} bytes are taken here")
    return _HttpProblem(known)


class _HttpProblem(Problem):
    """A refusal of the HTTP library, in our shape."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__("")
        # Each stands for one status, so these belong to the instance.
        self.__dict__.update(
            status=status, code=status.phrase.lower().replace(" ", "_"), title=status.phrase
        )


def _refuse_trouble(error: Exception) -> Response:
    _say("database_trouble", error)
    return _refuse(
        Unavailable("nothing was written; send it again", headers={"Retry-After": "1"})
    )


def _confess(error: Exception) -> Response:
    _say("unexpected", error)
    if current_app.testing:
        raise error
    return _refuse(_HttpProblem(HTTPStatus.INTERNAL_SERVER_ERROR))


def _say(event: str, error: Exception) -> None:
    # The answer's `trace_id` leads here, and from here to the request's own line.
    name = type(error).__name__
    log.error(event, error=name, where=where(error), request_id=request_id())


def where(error: BaseException) -> list[str]:
    """Say where an exception came from, without its message, which may hold an address."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames]


def for_people() -> bool:
    """Tell whether whoever waits for this answer reads pages."""
    path = request.path
    if path.startswith(_FOR_PEOPLE):
        return True
    if path.startswith(_FOR_MACHINES) and not path.startswith(_FOR_BOTH):
        return False
    best = request.accept_mimetypes.best_match([PROBLEM, "application/json", "text/html"])
    return best == "text/html"


def _problem(problem: Problem) -> Response:
    body: dict[str, Any] = {
        "type": QUOTA if isinstance(problem, TooMany) else type_of(problem.code),
        "title": problem.title,
        "status": int(problem.status),
        "code": problem.code,
    }
    if problem.detail:
        body["detail"] = problem.detail
    if problem.errors:
        body["errors"] = [
            {"pointer": fault.pointer, "detail": fault.detail} for fault in problem.errors
        ]
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        body["trace_id"] = request_id()
    body.update(problem.members)
    return Response(current_app.json.dumps(body), problem.status, mimetype=PROBLEM)


def type_of(code: str) -> str:
    """Give the address that explains a refusal."""
    return f"{settings().base_url}/v1/docs#problem-{code}"


def _with(response: Response, headers: dict[str, str]) -> Response:
    response.headers.update(headers)
    return response


def known_problems() -> Iterable[type[Problem]]:
    """Give every kind of refusal that some room of this application knows."""
    waiting = [Problem]
    while waiting:
        kind = waiting.pop()
        waiting.extend(reversed(kind.__subclasses__()))
        # One that says its parent's word is the same refusal, raised elsewhere.
        again = getattr(kind.__mro__[1], "code", None) == kind.code
        if not again and not issubclass(kind, _HttpProblem):
            yield kind
