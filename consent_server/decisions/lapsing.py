"""Lapsing: which yeses end in time, or are below a floor, and were not told of before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..db import Sql
from . import standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..db import Transaction
    from .rules import Yes

# On SQLite the rows of all organisations lie among each other: each of ours is looked up.
BELOW: Final = Sql(
    """
    SELECT NULL, st.subject_id, st.body FROM subject s
    CROSS JOIN standing st ON st.organisation_id = :organisation AND st.subject_id = s.id
    WHERE s.organisation_id = :organisation AND s.id > :after AND s.id <= :until
    ORDER BY s.id
    """,
    """
    SELECT NULL, st.subject_id, st.body FROM standing st
    WHERE st.organisation_id = :organisation AND st.subject_id > :after
      AND st.subject_id <= :until
    ORDER BY st.subject_id
    """,
)
_MARKED: Final = Sql(
    """
    SELECT l.subject_id, l.purpose_id, l.yes_id FROM json_each(:subjects) k
    CROSS JOIN lapse l ON l.organisation_id = :organisation AND l.subject_id = k.value
    WHERE l.kind = :kind
    """,
    """
    SELECT subject_id, purpose_id, yes_id FROM lapse
    WHERE organisation_id = :organisation AND subject_id = ANY(:subjects) AND kind = :kind
    """,
)


class Candidate(NamedTuple):
    """A row of the standing whose yes ends."""

    ends_at: int | None
    subject: int
    purpose: int
    identifier: int
    yes: int


@dataclass(frozen=True)
class Look:
    """One question of what lapses: which kind, and what is asked for the next batch."""

    kind: str
    what: str
    number: int
    sql: Sql
    values: dict[str, int]


def unmarked(
    tx: Transaction, organisation: int, look: Look, rows: Sequence[Sequence[Any]]
) -> list[Candidate]:
    """Give what ends, as it was when one looked, and was not told before."""
    found = [
        Candidate(moment, subject, purpose, row.identifier, row.yes.decision)
        for moment, subject, body in rows
        if body is not None
        for purpose, row in standing.read((subject, body))
        if row.yes is not None and _concerns(look, moment, purpose, row.yes)
    ]
    if not found:
        return []
    subjects = sorted({each.subject for each in found})
    values = {"subjects": tx.several(subjects), "kind": look.kind}
    marked = set(map(tuple, tx.run(_MARKED, {"organisation": organisation, **values})))
    return [one for one in found if (one.subject, one.purpose, one.yes) not in marked]


def _concerns(look: Look, moment: int | None, purpose: int, yes: Yes) -> bool:
    if moment is not None:
        # What had ended when it came has no end to be told of.
        return yes.expires_at == moment > yes.recorded_at
    values = look.values
    if purpose != values["purpose"] or yes.notice != values["notice"]:
        return False
    return yes.number is not None and yes.number < look.number
