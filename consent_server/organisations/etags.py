"""Which state of a thing a caller means: ETag, If-Match, If-None-Match."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import Response, request

from ..ledger.canonical import canonical_bytes
from ..problems import PreconditionFailed, PreconditionRequired

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEPT: Final = "private, no-cache"


def etag_of(state: Mapping[str, Any]) -> str:
    """Name a state by its content: the same content has the same name everywhere."""
    return hashlib.sha256(canonical_bytes(state)).hexdigest()[:32]


def shown(state: Mapping[str, Any]) -> tuple[Mapping[str, Any], dict[str, str]] | Response:
    """Answer a state with its ETag; 304 for a caller who has it."""
    tag = etag_of(state)
    headers = {"ETag": f'"{tag}"', "Cache-Control": _KEPT}
    if request.if_none_match.contains_weak(tag):
        return Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    return state, headers


def require_match(state: Mapping[str, Any]) -> None:
    """Refuse a change that does not name the state it changes, or names another one."""
    if "If-Match" not in request.headers:
        raise PreconditionRequired("send If-Match with the ETag of what you read")
    if etag_of(state) not in request.if_match:
        raise PreconditionFailed("read it again; it has changed since")
