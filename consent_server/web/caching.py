"""Versions of what can be changed: a strong ETag, and the promise not to overwrite unseen."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from flask import current_app, request

from ..problems import PreconditionFailed, PreconditionRequired

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def etag_of(body: Mapping[str, Any]) -> str:
    """Name the state of a thing by its content, quoted as the header wants it."""
    text = current_app.json.dumps(body)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def require_match(current: str) -> None:
    """Refuse a change that does not name the state it changes, or names an older one.

    Two people who edit one notice must not silently lose one of the edits (RFC 9110,
    13.1.1; RFC 6585, 3).
    """
    named = request.if_match
    if not named.star_tag and not named.as_set():
        raise PreconditionRequired("send If-Match with the ETag you read")
    if not named.contains(current.strip('"')):
        raise PreconditionFailed("read it again, then change it", headers={"ETag": current})


def has_fresh(current: str) -> bool:
    """Tell whether the caller already has this state, so that 304 is the answer."""
    return request.if_none_match.contains_weak(current.strip('"'))
