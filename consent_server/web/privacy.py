"""Global Privacy Control: what the browser of a request says about being tracked."""

from __future__ import annotations

from flask import request


def privacy_control() -> bool:
    """Tell whether the request carries the signal: `Sec-GPC` with a value of exactly `1`.

    Of several headers one is enough, and any other value says nothing (W3C GPC, 2026-04).
    """
    values = request.headers.getlist("Sec-GPC")
    # A server may hand several headers over as one, with commas between.
    return any(one.strip(" \t") == "1" for value in values for one in value.split(","))
