"""Touched: subjects of whom something changed that no entry of the log tells by her number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..db import Sql
from ..ids import new_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..db import Transaction

_TOUCH: Final = Sql(
    """
    INSERT INTO subject_touched (organisation_id, subject_id, mark)
    VALUES (:organisation, :subject, :mark)
    ON CONFLICT (organisation_id, subject_id) DO UPDATE SET mark = excluded.mark
    """
)
_ALL: Final = Sql(
    "SELECT subject_id, mark FROM subject_touched WHERE organisation_id = :organisation"
    " ORDER BY subject_id LIMIT :most"
)
_TAKE: Final = Sql(
    "DELETE FROM subject_touched"
    " WHERE organisation_id = :organisation AND subject_id = :subject AND mark = :mark"
)


def touch(tx: Transaction, organisation: int, subjects: Iterable[int]) -> None:
    """Note subjects, in the transaction that changes them."""
    for subject in sorted(set(subjects)):
        values = {"organisation": organisation, "subject": subject, "mark": new_id()}
        tx.run(_TOUCH, values)


def touched(tx: Transaction, organisation: int, most: int) -> list[tuple[int, int]]:
    """Give subjects that were noted, each with its mark."""
    rows = tx.run(_ALL, {"organisation": organisation, "most": most})
    return [(subject, mark) for subject, mark in rows]


def take(tx: Transaction, organisation: int, seen: Iterable[tuple[int, int]]) -> None:
    """Take away what was seen, if it was not noted again since."""
    for subject, mark in seen:
        tx.run(_TAKE, {"organisation": organisation, "subject": subject, "mark": mark})
