"""Doors for suppressions: added and listed; what lifts one is the person's own yes alone."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from .. import notices
from ..clock import to_micros
from ..db import write
from ..organisations import Scope, caller, keys_of, log_of, look, requires
from ..web import Door, current, idempotency, limit
from .suppress import Suppressor
from .suppression_schemas import (
    NewSuppressions,
    SuppressionsAdded,
    SuppressionsOut,
    SuppressionsQuery,
)
from .suppressions import add_asked, page, read_asked

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from ..db import Transaction

door = Door("suppressions", __name__, description="Not until the person says otherwise.")
_MOST_BYTES: Final = 512 * 1024


@door.post("/v1/suppressions")
@requires(Scope.SUPPRESS)
@door.takes(NewSuppressions, most_bytes=_MOST_BYTES)
@door.answers(HTTPStatus.CREATED, SuppressionsAdded, description="What stands now.")
@door.repeatable
def add_suppressions(body: dict[str, Any]) -> ResponseReturnValue:
    """Suppress people, known or not, from a purpose, a channel or all marketing.

    It stays after an erasure, and no call takes it back: only a later, verified yes of the
    person lifts it, for the purposes that it names.
    """
    organisation = caller().organisation
    # A withdrawal is never refused by a quota.
    limit("writes", caller().key_id, refuse=False)
    with write(organisation) as tx:
        return idempotency.answered(
            tx,
            organisation=organisation,
            caller_key_id=caller().key_id,
            route="POST /v1/suppressions",
            body=body,
            now=current.now(),
            act=lambda: (HTTPStatus.CREATED, _added(tx, organisation, body)),
        )


def _added(tx: Transaction, organisation: int, body: dict[str, Any]) -> dict[str, Any]:
    configuration = notices.configuration(tx, organisation)
    many = body.get("suppressions")
    if many is None:
        asked = [read_asked(body, configuration)]
    else:
        asked = [
            read_asked(each, configuration, pointer=f"/suppressions/{place}")
            for place, each in enumerate(many)
        ]
    suppressor = Suppressor(
        tx,
        keys_of(organisation, tx),
        configuration,
        log_of(tx, organisation),
        to_micros(current.now()),
        by=caller().key_id,
    )
    said = [one for each in asked for one in add_asked(suppressor, each)]
    suppressor.keep()
    return {"suppressions": said}


@door.get("/v1/suppressions")
@requires(Scope.SUPPRESS)
@door.takes_query(SuppressionsQuery)
@door.answers(HTTPStatus.OK, SuppressionsOut, description="A page of them.")
@door.refuses(HTTPStatus.NOT_FOUND)
def list_suppressions(query: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """List suppressions, oldest first, without anything that names a person."""
    organisation = caller().organisation
    limit("lookups", caller().key_id)
    with write(organisation) as tx:
        configuration = notices.configuration(tx, organisation)
        rows = page(tx, configuration, after=query.get("after"), most=query["limit"])
        look(tx, "suppressions.listed")
    full = len(rows) == query["limit"]
    told = {"suppressions": rows, "next": rows[-1]["id"] if full else None}
    return told, {"Cache-Control": "no-store"}
