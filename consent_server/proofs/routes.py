"""The room's door: a partner fetches the proofs of a tracker that it shares, of no other."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from ..db import write
from ..organisations import Scope, audit, caller, requires
from ..problems import NotFound
from ..web import Door, current, limit
from .partner import proofs_of
from .schemas import PartnerAsked, PartnerProofs

door = Door("proofs", __name__, description="Proofs to hand over.")


@door.get("/v1/trackers/<tracker>/proofs")
@requires(Scope.PROOFS_PARTNER)
@door.takes_query(PartnerAsked)
@door.answers(HTTPStatus.OK, PartnerProofs)
@door.refuses(HTTPStatus.NOT_FOUND)
def list_proofs(query: dict[str, Any], tracker: str) -> dict[str, Any]:
    """Give proofs of choices about a tracker, in the order of the log, naming nobody.

    For a partner that shares the tracker, to show that it was allowed to use it.
    """
    known = caller()
    limit("writes", known.key_id)
    with write(known.organisation) as tx:
        found = proofs_of(tx, known, tracker, after=query.get("after"), most=query["limit"])
        if found is None:
            raise NotFound
        audit(
            tx,
            organisation=known.organisation,
            actor=known.actor,
            action="tracker.proved",
            target=found.tracker,
            detail={"count": len(found.proofs)},
            now=current.now(),
        )
    return found.as_json()
