"""What happens around every request: a name, headers, a line in the log, figures."""

from __future__ import annotations

import secrets
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import structlog
from flask import request
from flask.globals import app_ctx, request_ctx
from werkzeug.middleware.proxy_fix import ProxyFix

from ..problems import NotFound
from . import cors, limits
from .headers import Headers
from .metrics import Metrics

if TYPE_CHECKING:
    from flask import Flask, Response

    from ..config import Settings


NAME: Final = "consent.manners"


class Manners:
    """What every answer gets, whichever door it leaves by."""

    def __init__(self, settings: Settings) -> None:
        self.headers = Headers(settings)
        self.metrics = Metrics(settings.data / "metrics")
        self._say = structlog.get_logger().bind().info

    def note(self, route: str, method: str, status: int, begun: float, name: str) -> None:
        """Count a request that has been answered, and write its line."""
        seconds = perf_counter() - begun
        self.metrics.observe(route, method, status, seconds)
        self._say(
            "request",
            method=method,
            route=route,
            status=status,
            ms=round(seconds * 1000, 2),
            request_id=name,
        )


def new_name() -> str:
    """Draw a request's name."""
    return secrets.token_hex(8)


def believe_proxies(app: Flask, settings: Settings) -> None:
    """Let whoever stands behind this read the caller's address as our own proxies say it."""
    if settings.trusted_proxies:
        # Only what proxies of ours added is believed; without them the headers are a
        # stranger's claim (security.md, test 129).
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign] # Flask documents it so
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=0, x_port=0, x_prefix=0
        )


def install(app: Flask, settings: Settings) -> Metrics:
    """Wrap every request of the application; gives the figures it writes."""
    manners = app.extensions[NAME] = Manners(settings)

    # Both run around every request: the proxies `g` and `request` are asked once each.
    @app.before_request
    def _begin() -> None:
        bag: Any = app_ctx.g
        bag.consent_begun = perf_counter()
        bag.consent_request_id = new_name()
        # PostgreSQL refuses it where SQLite does not; no address of ours contains it.
        if "\x00" in request.path:
            raise NotFound

    @app.after_request
    def _end(response: Response) -> Response:
        bag, asked = app_ctx.g, request_ctx.request
        if "consent_origins" in bag:
            cors.allow_origin(response, bag.consent_origins)
        if "consent_quota" in bag:
            limits.tell(response, bag.consent_quota)
        manners.headers.add(response, bag.consent_request_id)
        route = "(none)" if asked.url_rule is None else asked.url_rule.rule
        method = asked.method if asked.method in _METHODS else "OTHER"
        manners.note(
            route, method, response.status_code, bag.consent_begun, bag.consent_request_id
        )
        return response

    return manners.metrics


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
