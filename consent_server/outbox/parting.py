"""Parting names: what `subject.erased` carries once, and nothing else does any more."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ..clock import to_micros
from ..db import Sql, to_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ..db import Transaction
    from ..keyring import OrganisationKeys

ERASED: Final = "subject.erased"
# Longer than a webhook is tried again, as long as a key of a repeated request is kept.
KEPT: Final = timedelta(days=30)
_TABLE: Final = "parting_name"
_KEEP: Final = Sql(
    "INSERT INTO parting_name (organisation_id, record_id, sealed, recorded_at)"
    " VALUES (:organisation, :record, :sealed, :now)"
)
_READ: Final = Sql(
    "SELECT sealed FROM parting_name"
    " WHERE organisation_id = :organisation AND record_id = :record"
)
_FORGET: Final = Sql(
    "DELETE FROM parting_name WHERE organisation_id = :organisation AND recorded_at <= :before"
)


def keep_names(
    tx: Transaction, keys: OrganisationKeys, record: int, names: Sequence[str], *, now: int
) -> None:
    """Keep the external ids of somebody erased for the events of the erasure's record."""
    if names:
        values = {"organisation": keys.organisation, "record": record, "now": now}
        sealed = keys.seal(to_json(list(names)).encode(), _TABLE, record)
        tx.run(_KEEP, {**values, "sealed": sealed})


def names_of(tx: Transaction, keys: OrganisationKeys, record: int) -> list[str]:
    """Give the names that an erasure's events carry; none once they are forgotten."""
    values = {"organisation": keys.organisation, "record": record}
    for (sealed,) in tx.run(_READ, values):
        return [str(each) for each in json.loads(keys.unseal(bytes(sealed), _TABLE, record))]
    return []


def forget_names(tx: Transaction, organisation: int, now: datetime) -> None:
    """Forget the names whose thirty days are over."""
    before = to_micros(now - KEPT)
    tx.run(_FORGET, {"organisation": organisation, "before": before})
