"""The door of snapshots: those who may be written to, hashed, dated and signed."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import Response

from ...db import write
from ...organisations import Scope, caller, look, requires
from ...web import Door, limit
from ..door import RATE
from .negotiate import here
from .places import take_place
from .schemas import SnapshotIn
from .snapshot import MEDIA, Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

door = Door("snapshots", __name__, description="May we, while nobody can be asked?")

PATH: Final = "/v1/permissions/snapshot"


@door.post(PATH)
@requires(Scope.LOOKUP)
@door.takes(SnapshotIn)
@door.answers(
    HTTPStatus.OK,
    media=MEDIA,
    description="A signed statement (JWS) in the first line, then the sorted hashes of those"
    " who may be written to, 16 bytes each. Whoever is not in it is a no.",
)
def take_snapshot(body: dict[str, Any]) -> Response:
    """Take with you who may be written to, for the hours in which nobody can be asked."""
    limit(RATE, caller().key_id)
    made = Snapshot(here(), body["purpose"], body.get("channel"), body["max_age"])
    place = take_place()
    try:
        blocks: Iterator[bytes] = made.make()
    finally:
        place.release()
    with write(caller().organisation) as tx:
        look(tx, "snapshot.taken", body["purpose"])
    response = Response(blocks, content_type=MEDIA)
    response.headers["Cache-Control"] = "no-store"
    return response
