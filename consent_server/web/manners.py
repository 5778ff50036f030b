"""What happens around every request: a name, headers, a line in the log, figures."""

from __future__ import annotations

import os
import secrets
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from flask import request
from flask.globals import app_ctx, request_ctx
from werkzeug.middleware.proxy_fix import ProxyFix

from ..problems import NotFound
from . import cors, limits
from .headers import Headers
from .log import Requests
from .metrics import Metrics

if TYPE_CHECKING:
    from flask import Flask, Response

    from ..clock import Clock
    from ..config import Settings


NAME: Final = "consent.manners"
_NAME_BYTES: Final = 8
_NAMES: Final = 256
_names: Final[list[str]] = []
# Two workers must not draw from what their master drew.
os.register_at_fork(after_in_child=_names.clear)


class Manners:
    """What every answer gets, whichever door it leaves by."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.headers = Headers(settings)
        self.metrics = Metrics(settings.data / "metrics")
        self._lines = Requests(settings.log_level, clock)

    def note(self, route: str, method: str, status: int, begun: float, name: str) -> None:
        """Count a request that has been answered, and write its line."""
        seconds = perf_counter() - begun
        self.metrics.observe(route, method, status, seconds)
        self._lines.add(method, route, status, round(seconds * 1000, 2), name)


def new_name() -> str:
    """Draw a request's name."""
    # Many at once: whoever asks the kernel gives the interpreter to another thread.
    try:
        return _names.pop()
    except IndexError:
        drawn = secrets.token_hex(_NAME_BYTES * _NAMES)
        first, *more = (
            drawn[at : at + 2 * _NAME_BYTES] for at in range(0, len(drawn), 2 * _NAME_BYTES)
        )
        _names.extend(more)
        return first


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
    manners = app.extensions[NAME] = Manners(settings, app.extensions["consent.clock"])

    # Both run around every request: the proxies `g` and `request` are asked once each.
    @app.before_request
    def _begin() -> None:
        bag: Any = app_ctx.g
        # Requests made within a context that somebody holds open share what is put aside.
        bag.pop("consent_origins", None)
        bag.pop("consent_quota", None)
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
