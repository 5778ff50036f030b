"""Every decision of a person, the newest first, some to a page, each with its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ... import notices
from ...db import Sql
from ...decisions.receipt import READING, built
from ...decisions.receipts import receipt_name
from ...ids import parse, public
from ...web import current

if TYPE_CHECKING:
    from ...db import Transaction
    from ...decisions.receipt import Receipt
    from ...subjects import Held

A_PAGE: Final = 20
_FAR_FUTURE: Final = (1 << 62, 1 << 62)
# What was said in a banner, through a browser's own id, is that browser's to see.
_OF_SUBJECT: Final = Sql(
    f"""
    {READING} AND d.subject_id = :subject
      AND (d.door <> 'banner' OR d.identifier_id = :identifier)
      AND (d.recorded_at < :moment OR (d.recorded_at = :moment AND d.id < :before))
    ORDER BY d.recorded_at DESC, d.id DESC LIMIT :most
    """
)
_WHEN: Final = Sql(
    "SELECT recorded_at, id FROM decision"
    " WHERE organisation_id = :organisation AND subject_id = :subject AND id = :id"
)


@dataclass(frozen=True)
class Page:
    """Some decisions, and the name of the last one if there are older ones."""

    receipts: tuple[Receipt, ...]
    older: str | None
    first: bool


def history(tx: Transaction, organisation: int, held: Held, before: str | None) -> Page:
    """Read the decisions before one; from the newest for a name that is none of hers."""
    values = {"organisation": organisation, "subject": held.subject}
    number = parse("dec", before or "")
    found = tx.run(_WHEN, {**values, "id": number}) if number is not None else []
    moment, last = found[0] if found else _FAR_FUTURE
    asked = {
        **values,
        "identifier": held.id,
        "moment": moment,
        "before": last,
        "most": A_PAGE + 1,
    }
    rows = tx.run(_OF_SUBJECT, asked)
    key = current.keyring().derive("receipts")
    configuration = notices.configuration(tx, organisation)
    shown = tuple(
        built(tx, organisation, row, receipt_name(key, organisation, row[0]), configuration)
        for row in rows[:A_PAGE]
    )
    older = public("dec", rows[A_PAGE - 1][0]) if len(rows) > A_PAGE else None
    return Page(receipts=shown, older=older, first=not found)
