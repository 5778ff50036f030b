"""The clearance: what was asked, what was answered, and when, signed and in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ... import ledger
from ...clock import rfc3339, to_micros
from ...db import Insert, Sql, as_json, to_json
from ...ids import public
from ...organisations import log_of
from ...problems import NotFound
from ..lookup import MAX_AGE
from .asked import holds
from .briefs.reached import want
from .models import Clearance, ClearanceAsked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ...db import Transaction
    from .asked import Part
    from .campaign import Campaign
    from .order import Deployment

# Who has asked about so many at once has briefs from then on.
LONG: Final = 1_000
TYPE: Final = "consent-clearance+jwt"
_KEEP: Final = Insert(Clearance.__table__)
_KEEP_ASKED: Final = Insert(ClearanceAsked.__table__)
_ONE: Final = Sql(
    "SELECT said, signature FROM clearance WHERE organisation_id = :organisation AND id = :id"
)
_OF_PART: Final = Sql(
    """
    SELECT a.clearance_id, a.hashes FROM clearance_asked a
    WHERE a.organisation_id = :organisation AND a.part = :part
    ORDER BY a.clearance_id
    """
)


@dataclass(frozen=True, kw_only=True)
class Files:
    """The SHA-256 of question and answer, of their uncompressed bytes, in hexadecimal."""

    question: str
    answer: str


def give_clearance(
    tx: Transaction,
    here: Deployment,
    number: int,
    campaign: Campaign,
    about: Sequence[Part],
    files: Files,
) -> dict[str, Any]:
    """Write the clearance of a campaign that was answered to its end, and give it.

    `about`: whom it asked about, worked out before: others wait for this transaction.
    """
    organisation, now = here.keys.organisation, here.clock()
    log = log_of(tx, organisation)
    head = ledger.read_head(tx, log)
    record = _record(here, number, campaign, files, now)
    said = {**record, "checkpoint": head.checkpoint if head else None}
    signature = here.signer.sign_statement(said, TYPE)
    if campaign.count.asked >= LONG:
        want(tx, organisation)
    row = {"organisation_id": organisation, "id": number, "recorded_at": to_micros(now)}
    tx.later(_KEEP, {**row, "said": to_json(said), "signature": signature})
    for part, hashes in about:
        place = {"organisation_id": organisation, "part": part, "clearance_id": number}
        tx.later(_KEEP_ASKED, {**place, "hashes": hashes})
    ledger.append(
        tx,
        organisation=organisation,
        log=log,
        record_id=number,
        kind="clearance",
        record=record,
        recorded_at=to_micros(now),
        keys=here.keys,
    )
    return _shown(said, signature)


def _record(
    here: Deployment,
    number: int,
    campaign: Campaign,
    files: Files,
    now: datetime,
) -> dict[str, Any]:
    count = campaign.count
    return {
        "v": 1,
        "kind": "clearance",
        "organisation": public("org", here.keys.organisation),
        "id": public("clr", number),
        "recorded_at": rfc3339(now),
        "purpose": campaign.purpose,
        "channel": campaign.channel,
        "actor": here.actor,
        "asked": count.asked,
        "counts": dict(sorted(count.reasons.items())),
        "question_sha256": files.question,
        "answer_sha256": files.answer,
        "as_of_first": rfc3339(count.first or now),
        "as_of_last": rfc3339(count.last or now),
        "max_age": MAX_AGE,
    }


def read_clearance(tx: Transaction, organisation: int, number: int) -> dict[str, Any]:
    """Give a clearance as it was signed; a foreign one and none are the same 404."""
    rows = tx.run(_ONE, {"organisation": organisation, "id": number})
    if not rows:
        raise NotFound
    return _shown(as_json(rows[0][0]), rows[0][1])


def campaigns_about(tx: Transaction, organisation: int, hashes: Sequence[bytes]) -> list[int]:
    """Name the clearances of every campaign that asked about somebody's keyed hashes."""
    found: set[int] = set()
    for each in hashes:
        values = {"organisation": organisation, "part": each[0]}
        found |= {row[0] for row in tx.run(_OF_PART, values) if holds(bytes(row[1]), each)}
    return sorted(found)


def _shown(said: dict[str, Any], signature: str) -> dict[str, Any]:
    return {**said, "signature": signature}
