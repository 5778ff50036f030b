"""Previous: the decision that another one says it follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..db import Sql
from ..ids import parse
from ..problems import UnknownPrevious
from .meet import Step

if TYPE_CHECKING:
    from ..db import Transaction
    from .meet import Known
    from .values import NewDecision

_BY_CLIENT_ID: Final = Sql(
    "SELECT id, previous_id, recorded_at FROM decision"
    " WHERE organisation_id = :organisation AND site_id = :site"
    " AND client_id = :client_id"
)
_BY_ID: Final = Sql(
    "SELECT id, previous_id, recorded_at FROM decision"
    " WHERE organisation_id = :organisation AND id = :id"
)


def followed(
    tx: Transaction, organisation: int, said: NewDecision, known: Known | None
) -> Step | None:
    """Find the decision named as previous; raises `UnknownPrevious` if a yes needs it."""
    name = said.previous
    if name is None:
        return None
    found = _step(tx, organisation, said, name, known)
    # A no never needs anything: it is not kept waiting for what it follows.
    if found is None and any(said.choices.values()):
        raise UnknownPrevious("send the decision named as previous first")
    return found


def _step(
    tx: Transaction, organisation: int, said: NewDecision, name: str, known: Known | None
) -> Step | None:
    number = parse("dec", name)
    if number is None and known is not None:
        return known.previous
    values = {"organisation": organisation, "site": said.site}
    if number is not None:
        rows = tx.run(_BY_ID, {**values, "id": number})
    else:
        rows = tx.run(_BY_CLIENT_ID, {**values, "client_id": name})
    return Step(*rows[0]) if rows else None
