"""What an organisation declares of itself: whole revisions, dated, never rewritten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..clock import to_micros
from ..db import Sql, Transaction, as_json
from .models import OrganisationRevision
from .values import Declaration

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_LATEST: Final = Sql(
    "SELECT number, recorded_at, body FROM organisation_revision"
    " WHERE organisation_id = :organisation ORDER BY number DESC LIMIT 1"
)
_AS_OF: Final = Sql(
    "SELECT number, recorded_at, body FROM organisation_revision"
    " WHERE organisation_id = :organisation AND recorded_at <= :at"
    " ORDER BY number DESC LIMIT 1"
)


def declared(
    tx: Transaction, organisation: int, *, at: int | None = None
) -> Declaration | None:
    """Give the declaration in force now, or at a past moment."""
    if at is None:
        rows = tx.run(_LATEST, {"organisation": organisation})
    else:
        rows = tx.run(_AS_OF, {"organisation": organisation, "at": at})
    return Declaration(int(rows[0][0]), int(rows[0][1]), as_json(rows[0][2])) if rows else None


def revise(
    tx: Transaction, organisation: int, body: Mapping[str, Any], *, actor: str, now: datetime
) -> bool:
    """Add a revision if the declaration differs from the one in force; tells if it did."""
    before = declared(tx, organisation)
    if before is not None and before.body == body:
        return False
    tx.session.add(
        OrganisationRevision(
            organisation_id=organisation,
            number=before.number + 1 if before else 1,
            recorded_at=to_micros(now),
            actor=actor,
            body=dict(body),
        )
    )
    tx.session.flush()
    return True
