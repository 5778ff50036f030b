"""Bare subjects: what an identifier claims of its subject, and whether it is so.

An identifier that is bare says: there is no fact of this subject, and no other identifier. A
lookup believes it. It is claimed only where the subject is made, when nobody else can know her
yet, and the database itself takes it back when a fact or another identifier is written
(migration 0028), whoever writes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..db import Sql

if TYPE_CHECKING:
    from ..db import Transaction

_CLAIMED: Final = Sql(
    """
    SELECT DISTINCT i.subject_id FROM identifier i
    WHERE i.organisation_id = :organisation AND i.bare = 1 AND (
        EXISTS (SELECT 1 FROM identifier o WHERE o.organisation_id = i.organisation_id
            AND o.subject_id = i.subject_id AND o.id <> i.id)
        OR EXISTS (SELECT 1 FROM subject_fact f WHERE f.organisation_id = i.organisation_id
            AND f.subject_id = i.subject_id))
    """
)
_TAKE_BACK: Final = Sql(
    "UPDATE identifier SET bare = 0"
    " WHERE organisation_id = :organisation AND subject_id = :subject"
)


def not_bare(tx: Transaction, organisation: int) -> list[int]:
    """Give the subjects of whom an identifier says that nothing is known, and it is not so."""
    return [row[0] for row in tx.run(_CLAIMED, {"organisation": organisation})]


def take_back(tx: Transaction, organisation: int) -> int:
    """Take back what is claimed and is not so; gives of how many subjects it was."""
    subjects = not_bare(tx, organisation)
    values = {"organisation": organisation}
    tx.run_many(_TAKE_BACK, [{**values, "subject": subject} for subject in subjects])
    return len(subjects)
