"""The audit trail: every administrative act and look, as a row and as a leaf."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .. import ledger
from ..clock import rfc3339_micros, to_micros
from ..db import Sql, Transaction, as_json, to_json
from ..ids import new_id, public
from ..problems import NotFound
from .directory import log_of
from .keys import keys_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

_INSERT: Final = Sql(
    "INSERT INTO audit_entry"
    " (organisation_id, id, recorded_at, actor, action, target, detail)"
    " VALUES (:organisation, :entry, :recorded_at, :actor, :action, :target, :detail)"
)
_PAGE: Final = Sql(
    "SELECT id, recorded_at, actor, action, target, detail FROM audit_entry"
    " WHERE organisation_id = :organisation AND (recorded_at, id) > (:recorded_at, :entry)"
    " ORDER BY recorded_at, id LIMIT :most"
)


_PLACE: Final = Sql(
    "SELECT recorded_at, id FROM audit_entry"
    " WHERE organisation_id = :organisation AND id = :entry"
)


@dataclass(frozen=True)
class Audited:
    """One line of the audit trail."""

    id: int
    recorded_at: int
    actor: str
    action: str
    target: str
    detail: Mapping[str, Any]

    def said(self) -> dict[str, Any]:
        """Say the line as the API and the command line show it."""
        return {
            "id": public("aud", self.id),
            "recorded_at": rfc3339_micros(self.recorded_at),
            "actor": self.actor,
            "action": self.action,
            "target": self.target,
            "detail": dict(self.detail),
        }


def audit(
    tx: Transaction,
    *,
    organisation: int,
    actor: str,
    action: str,
    target: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
    announcements: Sequence[Mapping[str, Any]] = (),
) -> int:
    """Record who did or looked at what; `detail` names no person."""
    line = Audited(new_id(), to_micros(now), actor, action, target, dict(detail or {}))
    tx.run(
        _INSERT,
        {
            "organisation": organisation,
            "entry": line.id,
            "recorded_at": line.recorded_at,
            "actor": actor,
            "action": action,
            "target": target,
            "detail": to_json(line.detail),
        },
    )
    ledger.append(
        tx,
        organisation=organisation,
        log=log_of(tx, organisation),
        record_id=line.id,
        kind="audit",
        record={
            "v": 1,
            "kind": "audit",
            "organisation": public("org", organisation),
            **line.said(),
        },
        recorded_at=line.recorded_at,
        keys=keys_of(organisation, tx),
        opening=None,
        announcements=announcements,
    )
    return line.id


def trail(
    tx: Transaction, organisation: int, *, after: tuple[int, int] = (0, 0), most: int = 50
) -> list[Audited]:
    """Give a page of the audit trail, oldest first, after a moment and an id."""
    rows = tx.run(
        _PAGE,
        {
            "organisation": organisation,
            "recorded_at": after[0],
            "entry": after[1],
            "most": most,
        },
    )
    return [
        Audited(number, recorded_at, actor, action, target, as_json(detail))
        for number, recorded_at, actor, action, target, detail in rows
    ]


def place_of(tx: Transaction, organisation: int, entry: int) -> tuple[int, int]:
    """Tell where an entry stands in its organisation's trail, to read on from there."""
    rows = tx.run(_PLACE, {"organisation": organisation, "entry": entry})
    if not rows:
        raise NotFound
    return int(rows[0][0]), int(rows[0][1])
