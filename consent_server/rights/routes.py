"""The systems' door: erase somebody."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from .. import db, notices
from ..organisations import Scope, caller, keys_of, log_of, requires
from ..subjects.read import identify_all, in_object, region_of
from ..web import Door, current, limit
from .erase import Eraser
from .reason import check_reason
from .schemas import Erase, ErasureOut
from .values import Wanted

door = Door("rights", __name__, description="What people may ask of those who keep data.")


@door.post("/v1/subjects/erase")
@requires(Scope.ERASE)
@door.takes(Erase)
@door.answers(HTTPStatus.OK, ErasureOut, description="What was erased, and what stays.")
@door.refuses(HTTPStatus.CONFLICT)
def erase(body: dict[str, Any]) -> dict[str, Any]:
    """Erase a person, linked subjects included; a second time there is nothing left to do."""
    organisation = caller().organisation
    limit("writes", caller().key_id)
    check_reason(body["reason"], body["subject"].values())
    wanted = Wanted(
        reason=body["reason"],
        actor=caller().actor,
        suppress=body.get("suppress", True),
    )
    with db.write(organisation, alone=True) as tx:
        configuration = notices.configuration(tx, organisation)
        given = identify_all(in_object(body["subject"]), region=region_of(configuration))
        eraser = Eraser(
            tx,
            keys_of(organisation, tx),
            configuration,
            log_of(tx, organisation),
            current.now(),
        )
        done = eraser.person(given, wanted)
    db.empty_log()
    return done.as_json()
