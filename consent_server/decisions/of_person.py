"""Everything a person decided about one purpose, as her receipts say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..db import Sql, as_json
from ..web import current
from .receipt import READING, Receipt, built
from .receipts import receipt_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..db import Transaction

_OF_SUBJECT: Final = Sql(f"{READING} AND d.subject_id = :subject ORDER BY d.recorded_at, d.id")
_RECORDED, _CHOICES = 1, 5


def receipts_of(
    tx: Transaction, organisation: int, subjects: Iterable[int], *, purpose: int
) -> list[Receipt]:
    """Give the receipts of what these subjects decided about a purpose, oldest first."""
    key = current.keyring().derive("receipts")
    rows = [
        row
        for subject in subjects
        for row in tx.run(_OF_SUBJECT, {"organisation": organisation, "subject": subject})
        if str(purpose) in as_json(row[_CHOICES])
    ]
    return [
        built(tx, organisation, row, receipt_name(key, organisation, row[0]))
        for row in sorted(rows, key=lambda row: (row[_RECORDED], row[0]))
    ]
