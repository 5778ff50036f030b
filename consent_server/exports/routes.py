"""The room's door: an organisation's own records, streamed, with an end that says so."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Response, stream_with_context

from .. import db
from ..organisations import Scope, caller, keys_of, requires
from ..problems import NotFound
from ..web import Door, current, limit
from .begin import begin
from .columns import COLUMNS
from .files import MEDIA, written
from .gather import batches
from .schemas import ExportAsked
from .wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping

door = Door("exports", __name__, description="An organisation's own records, as files.")


@door.get("/v1/exports/<what>")
@requires(Scope.EXPORTS)
@door.takes_query(ExportAsked)
@door.answers(HTTPStatus.OK, description="The rows, and a last line that counts them.")
@door.refuses(HTTPStatus.NOT_FOUND)
def export(query: Mapping[str, Any], what: str) -> Response:
    """Give `decisions`, `subjects` or `events` as CSV or NDJSON, of any length."""
    who = caller()
    limit("writes", who.key_id)
    if what not in COLUMNS:
        raise NotFound
    now = current.now()
    wanted = Wanted(
        what=what,
        since=query.get("since"),
        until=min(query.get("until") or now, now),
        purpose=query.get("purpose"),
        identifiers=query["identifiers"],
    )
    with db.write(who.organisation) as tx:
        begin(tx, who.organisation, wanted, form=query["format"], actor=who.actor, now=now)
        keys = keys_of(who.organisation, tx)
    pieces = written(query["format"], COLUMNS[what], batches(keys, wanted))
    name = f"{what}.{query['format']}"
    return Response(
        stream_with_context(pieces),
        mimetype=MEDIA[query["format"]],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )
