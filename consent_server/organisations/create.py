"""Organisations come to be, and say what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..clock import to_micros
from ..ids import public
from ..problems import Conflict, FieldError
from .audit import audit
from .declare import revise
from .directory import MAIN_LOG, bump, find, sandbox_log
from .keys import make_keys
from .models import OrganisationDirectory
from .sites import keep_in_step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..db import Transaction


class SlugTaken(Conflict):
    """Another organisation of this server bears the name."""

    code = "slug_taken"
    title = "The slug is taken"


def create(
    tx: Transaction, *, slug: str, actor: str, now: datetime, sandbox: bool = False
) -> int:
    """Create the organisation behind whose wall `tx` was opened; gives its id.

    Open `tx` with a new id: `write(new_id())`, so that its rows can be written at all.
    """
    organisation = tx.organisation
    if organisation is None:
        raise ValueError("open the transaction behind the new organisation's wall")
    if find(tx, slug) is not None:
        raise SlugTaken(errors=[FieldError("/organisation/slug", "choose another slug")])
    moment = to_micros(now)
    tx.session.add(
        OrganisationDirectory(
            organisation_id=organisation,
            slug=slug,
            log=sandbox_log(organisation) if sandbox else MAIN_LOG,
            recorded_at=moment,
        )
    )
    make_keys(tx, organisation, now=moment)
    audit(
        tx,
        organisation=organisation,
        actor=actor,
        action="organisation.created",
        target=public("org", organisation),
        detail={"slug": slug},
        now=now,
    )
    return organisation


def declare(
    tx: Transaction,
    organisation: int,
    document_json: Mapping[str, Any],
    *,
    actor: str,
    now: datetime,
) -> bool:
    """Put a declaration in force if it differs; its sites are kept in step."""
    if not revise(tx, organisation, document_json, actor=actor, now=now):
        return False
    keep_in_step(tx, organisation, document_json, now=to_micros(now))
    bump(tx, organisation)
    audit(
        tx,
        organisation=organisation,
        actor=actor,
        action="organisation.declared",
        target=public("org", organisation),
        now=now,
    )
    return True
