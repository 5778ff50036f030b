"""Places: how many long answers are given at once, so that short ones go on being given."""

from __future__ import annotations

from threading import BoundedSemaphore
from typing import cast

from flask import current_app

from ...problems import Unavailable
from ...web import current


def take_place() -> BoundedSemaphore:
    """Let at most half of the threads answer campaigns, so that others go on being served."""
    threads = current.settings().threads
    places = cast(
        "BoundedSemaphore",
        current_app.extensions.setdefault(
            "consent.campaigns", BoundedSemaphore(max(1, threads // 2))
        ),
    )
    if not places.acquire(blocking=False):
        raise Unavailable("other lists are being answered", headers={"Retry-After": "5"})
    return places
