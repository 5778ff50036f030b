"""Ends: the moments at which yeses end, and those who walk along them in time.

The first end of a subject stands in her row, and few have others: those stand in a table of
their own. Whether anything ends at a moment that is kept, her standing says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..db import Sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..db import Transaction
    from .rules import Row

# What ends after a place and until a moment, in order: the moment, the subject, her body.
ENDING: Final = Sql(
    """
    SELECT * FROM (
        SELECT ends_at, subject_id, body FROM standing
        WHERE organisation_id = :organisation AND ends_at IS NOT NULL
          AND (ends_at, subject_id) > (:after, :subject) AND ends_at <= :until
        ORDER BY ends_at, subject_id LIMIT :most) first
    UNION
    SELECT * FROM (
        SELECT e.ends_at, e.subject_id, st.body FROM standing_end e
        LEFT JOIN standing st
          ON st.organisation_id = e.organisation_id AND st.subject_id = e.subject_id
        WHERE e.organisation_id = :organisation
          AND (e.ends_at, e.subject_id) > (:after, :subject) AND e.ends_at <= :until
        ORDER BY e.ends_at, e.subject_id LIMIT :most) others
    ORDER BY 1, 2 LIMIT :most
    """
)
_KNOWN_ENDS: Final = Sql(
    """
    SELECT ends_at FROM standing
    WHERE organisation_id = :organisation AND subject_id = :subject
    UNION SELECT ends_at FROM standing_end
    WHERE organisation_id = :organisation AND subject_id = :subject AND ends_at IN (
        SELECT value FROM json_each(:moments))
    """,
    """
    SELECT ends_at FROM standing
    WHERE organisation_id = :organisation AND subject_id = :subject
    UNION SELECT ends_at FROM standing_end
    WHERE organisation_id = :organisation AND subject_id = :subject AND ends_at = ANY(:moments)
    """,
)


def in_order(moments: Sequence[int | None]) -> list[int]:
    """Give moments once each, in order."""
    if len(moments) == 1:
        return [moment for moment in moments if moment is not None]
    return sorted({moment for moment in moments if moment is not None})


def ends_of(rows: Iterable[tuple[int, Row]]) -> list[int]:
    """Give the moments at which yeses end, in order; what had ended when it came has none."""
    return sorted(
        {
            row.yes.expires_at
            for _, row in rows
            if row.yes is not None
            and row.yes.expires_at is not None
            and row.yes.expires_at > row.yes.recorded_at
        }
    )


def untold(tx: Transaction, organisation: int, subject: int, moments: list[int]) -> set[int]:
    """Give those of a subject's moments at which nobody would look at her."""
    values = {"organisation": organisation, "subject": subject}
    known = tx.run(_KNOWN_ENDS, {**values, "moments": tx.several(moments)}) if moments else ()
    return set(moments) - {moment for (moment,) in known}
