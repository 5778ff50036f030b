"""Which pages of which origins may call us: exact origins only, never with credentials."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from flask import Response, g, request

from ..problems import Problem

if TYPE_CHECKING:
    from collections.abc import Collection

    from werkzeug.datastructures import Headers

_MAX_AGE: Final = "600"
_SENT: Final = "Content-Type, Idempotency-Key"
# Date: a browser whose clock is wrong dates its decision by ours.
_SHOWN: Final = "Date, ETag, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"


class ForeignOrigin(Problem):
    """A page of an origin that is not the site's wants to write."""

    status = HTTPStatus.FORBIDDEN
    code = "foreign_origin"
    title = "The page's origin is not one of the site's"


def admit(origins: Collection[str]) -> None:
    """Open this request's answer, errors included, to the origins; refuses foreign writes."""
    g.consent_origins = origins
    origin = request.headers.get("Origin")
    if origin is not None and request.method not in {"GET", "HEAD"} and origin not in origins:
        raise ForeignOrigin("register the origin with the site before its pages write")


def preflight(origins: Collection[str]) -> Response:
    """Answer the browser's question before a request; says nothing to a foreign origin."""
    g.consent_origins = origins
    response = Response(status=HTTPStatus.NO_CONTENT)
    del response.headers["Content-Type"]
    if request.headers.get("Origin") in origins and request.url_rule is not None:
        methods = sorted((request.url_rule.methods or set()) - {"OPTIONS", "HEAD"})
        response.headers["Access-Control-Allow-Methods"] = ", ".join(methods)
        response.headers["Access-Control-Allow-Headers"] = _SENT
        response.headers["Access-Control-Max-Age"] = _MAX_AGE
    return response


def told(origin: str | None, origins: Collection[str]) -> list[tuple[str, str]]:
    """Give the headers by which `allow_origin` opens an answer that says nothing of it yet."""
    headers = [("Vary", "Origin"), ("Cross-Origin-Resource-Policy", "cross-origin")]
    if origin is not None and origin in origins:
        headers += [
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Expose-Headers", _SHOWN),
        ]
    return headers


def allow_origin(response: Response, origins: Collection[str]) -> Response:
    """Name the caller's origin if it is exactly one of these; the answer varies either way."""
    headers: Headers = response.headers
    response.vary.add("Origin")
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    origin = request.headers.get("Origin")
    if origin is not None and origin in origins:
        headers["Access-Control-Allow-Origin"] = origin
        headers["Access-Control-Expose-Headers"] = _SHOWN
    return response
