"""Addresses that only machines read: is it alive, is it ready, what are its figures."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import Response, request

from ..clock import rfc3339
from ..problems import NoKey, Unavailable
from . import assets
from .current import now, settings
from .encode import Encoder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Flask

    from .metrics import Metrics

_GPC_SINCE: Final = "2026-11-23"
_TEXT: Final = "text/plain; charset=utf-8"
_DAY: Final = "public, max-age=86400"


def install(
    app: Flask,
    metrics: Metrics,
    *,
    ready: Callable[[], list[str]],
    remarks: Callable[[], Mapping[str, str]],
    may_see_metrics: Callable[[], bool],
) -> None:
    """Answer the addresses of machines."""

    def healthz() -> dict[str, str]:
        """Say that the process answers; asks nothing of the database."""
        return {"status": "ok"}

    def readyz() -> dict[str, str]:
        """Say whether decisions can be taken now, and what is waited for if not."""
        waiting = ready()
        if waiting:
            raise Unavailable(
                "not ready", members={"waiting": waiting}, headers={"Retry-After": "1"}
            )
        return {"status": "ready", **remarks()}

    def figures() -> Response:
        """Give the metrics to this machine, or to a key that may see them."""
        if not (from_this_machine() or may_see_metrics()):
            raise NoKey("send a key with the scope metrics")
        return Response(
            metrics.expose(), content_type="text/plain; version=0.0.4; charset=utf-8"
        )

    for rule, view in (
        ("/healthz", healthz),
        ("/readyz", readyz),
        ("/metrics", figures),
        ("/.well-known/security.txt", security_txt),
        ("/.well-known/gpc.json", gpc),
        ("/static/<folder>/<name>", assets.serve),
    ):
        app.add_url_rule(rule, f"web.{view.__name__}", view, methods=["GET"])


def from_this_machine() -> bool:
    """Tell whether the caller is on this machine, and not a proxy that speaks for others."""
    environ = request.environ
    if "HTTP_X_FORWARDED_FOR" in environ or "HTTP_FORWARDED" in environ:
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def security_txt() -> Response:
    """Tell whom to write to about a weakness (RFC 9116)."""
    told = settings()
    # The standard asks for a date less than a year away; a day's end keeps it cacheable.
    ends = now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=180)
    lines = (
        f"Contact: {told.security_contact}",
        f"Expires: {rfc3339(ends)}",
        "Preferred-Languages: en, fr",
        f"Canonical: {told.base_url}/.well-known/security.txt",
    )
    return Response(
        "\n".join(lines) + "\n", content_type=_TEXT, headers={"Cache-Control": _DAY}
    )


def gpc() -> tuple[dict[str, Any], HTTPStatus, dict[str, str]]:
    """Say that this server honours the Global Privacy Control signal."""
    return {"gpc": True, "lastUpdate": _GPC_SINCE}, HTTPStatus.OK, {"Cache-Control": _DAY}


def use_our_json(app: Flask) -> None:
    """Write every JSON answer of this application with one encoder."""
    app.json = Encoder(app)
