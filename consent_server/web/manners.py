"""What happens around every request: a name, headers, a line in the log, figures."""

from __future__ import annotations

import secrets
from time import perf_counter
from typing import TYPE_CHECKING

import structlog
from flask import g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from ..problems import NotFound
from . import cors, limits
from .headers import Headers
from .metrics import Metrics

if TYPE_CHECKING:
    from flask import Flask, Response

    from ..config import Settings

log = structlog.get_logger()


def install(app: Flask, settings: Settings) -> Metrics:
    """Wrap every request of the application; gives the figures it writes."""
    headers = Headers(settings)
    metrics = Metrics(settings.data / "metrics")
    if settings.trusted_proxies:
        # Only what proxies of ours added is believed; without them the headers are a
        # stranger's claim (security.md, test 129).
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign] # Flask documents it so
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=0, x_port=0, x_prefix=0
        )

    @app.before_request
    def _begin() -> None:
        g.consent_begun = perf_counter()
        g.consent_request_id = secrets.token_hex(8)
        # PostgreSQL refuses it where SQLite does not; no address of ours contains it.
        if "\x00" in request.path:
            raise NotFound

    @app.after_request
    def _end(response: Response) -> Response:
        headers.add(cors.finish(response))
        limits.tell(response)
        response.headers["X-Request-Id"] = g.consent_request_id
        seconds = perf_counter() - g.consent_begun
        rule = request.url_rule
        route = rule.rule if rule is not None else "(none)"
        method = request.method if request.method in _METHODS else "OTHER"
        metrics.observe(route, method, response.status_code, seconds)
        log.info(
            "request",
            method=method,
            route=route,
            status=response.status_code,
            ms=round(seconds * 1000, 2),
            request_id=g.consent_request_id,
        )
        return response

    return metrics


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
