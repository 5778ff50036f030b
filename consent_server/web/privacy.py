"""Global Privacy Control: what the browser of a request says about being tracked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def privacy_control(environ: WSGIEnvironment | None = None) -> bool:
    """Tell whether the request carries the signal: `Sec-GPC` with a value of exactly `1`.

    Of several headers one is enough, and any other value says nothing (W3C GPC, 2026-04).
    """
    value = (request.environ if environ is None else environ).get("HTTP_SEC_GPC", "")
    # A server hands several headers over as one, with commas between.
    return any(one.strip(" \t") == "1" for one in value.split(","))
