"""A visitor's door to their own record: seen, taken away, erased, by the id they hold."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from .. import db, notices
from ..decisions.banner import origins_of, site_asked
from ..decisions.own_record import own_record
from ..organisations import keys_of, log_of
from ..subjects import find, identify
from ..web import Door, client_prefix, current, limit
from .erase import Eraser
from .schemas import RecordAsked, RecordOut

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from ..subjects import Identified

door = Door("own record", __name__, description="A visitor's own record.")


@door.post("/v1/sites/<site_id>/record")
@door.open_to(origins_of)
@door.takes(RecordAsked)
@door.answers(HTTPStatus.OK, RecordOut, description="Every answer, newest first.")
@door.refuses(HTTPStatus.NOT_FOUND)
def show_record(body: dict[str, Any], site_id: str) -> ResponseReturnValue:
    """Show a visitor their own record on this site, or erase it; an unknown id has none."""
    site = site_asked()
    limit("pages", f"record|{site.id}|{client_prefix()}")
    visitor = identify("visitor", body["visitor"], region="")
    headers = {"Cache-Control": "no-store"}
    if body["do"] == "erase":
        _erase(site.organisation, visitor)
        return {**own_record(site, visitor, whole=False), "erased": True}, headers
    whole = body["do"] == "export"
    if whole:
        headers["Content-Disposition"] = 'attachment; filename="consent-record.json"'
    return own_record(site, visitor, whole=whole), headers


def _erase(organisation: int, visitor: Identified) -> None:
    with db.read(organisation) as tx:
        # Anybody may ask here: for an id that nobody has, no writer is made to wait.
        if not find(tx, keys_of(organisation, tx), visitor, organisation):
            return
    with db.write(organisation, alone=True) as tx:
        eraser = Eraser(
            tx,
            keys_of(organisation, tx),
            notices.configuration(tx, organisation),
            log_of(tx, organisation),
            current.now(),
        )
        eraser.visitor(visitor)
    db.empty_log()
