"""The room's door: make one's sandbox, or bring it in step; wipe it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response

from ..organisations import Scope, caller, requires
from ..web import Door, current, limit
from . import schemas
from .double import double
from .wipe import wipe

door = Door("sandbox", __name__, description="A double of the organisation, to try things out.")


@door.post("/v1/sandbox")
@requires(Scope.KEYS)
@door.takes(schemas.Nothing)
@door.answers(HTTPStatus.CREATED, schemas.SandboxMade)
@door.refuses(HTTPStatus.CONFLICT)
def make_sandbox(_: dict[str, Any]) -> dict[str, Any]:
    """Put your document in force in your sandbox, made if need be; gives a key to it.

    The key has your scopes but host, and works in the sandbox alone.
    """
    known = caller()
    limit("writes", known.key_id)
    made = double(
        known.organisation,
        scopes=frozenset(Scope(scope) for scope in known.scopes),
        maker=known,
        actor=known.actor,
        now=current.now(),
    )
    return made.said()


@door.post("/v1/sandbox/wipe")
@requires(Scope.KEYS)
@door.takes(schemas.Nothing)
@door.answers(HTTPStatus.NO_CONTENT)
@door.refuses(HTTPStatus.CONFLICT)
def wipe_sandbox(_: dict[str, Any]) -> Response:
    """Empty the sandbox whose key (`cs_test_…`) asks; its document and keys stay.

    People, decisions, events, imports and its log are gone for good.
    """
    known = caller()
    limit("writes", known.key_id)
    wipe(known.organisation, actor=known.actor, now=current.now())
    response = Response(status=HTTPStatus.NO_CONTENT)
    del response.headers["Content-Type"]
    return response
