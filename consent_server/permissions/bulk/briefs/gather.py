"""Gathering for briefs: what bears on many subjects, for every purpose at once.

The same facts that the single question gathers, subject by subject: in a few statements for
thousands of them, each of which walks its index once and in order.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ....db import Sql
from ....decisions import standing as stood

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ....db import Transaction
    from ....decisions.rules import Row

    Raw = Sequence[Any]


def _of_each(text: str) -> Sql:
    """Write a question about each of several subjects, `k.value`, in their order."""
    # CROSS JOIN is SQLite's word for "from the asked ones outwards, as written".
    return Sql(
        text.format(several="json_each(:several) k"),
        text.format(several="unnest(:several::bigint[]) AS k(value)").replace(
            "CROSS JOIN", "JOIN"
        ),
    )


# Whether somebody else is the same person, and whether it was ever suppressed: not EXISTS,
# for which PostgreSQL may read the whole table.
_HELD: Final = _of_each(
    """
    SELECT i.subject_id, i.id, i.kind, i.hash, i.sealed, i.shared,
        s.person_id <> s.id OR EXISTS (SELECT 1 FROM subject o
            WHERE o.organisation_id = :organisation AND o.person_id = s.person_id
              AND o.id <> s.id),
        (SELECT 1 FROM suppression x
            WHERE x.organisation_id = :organisation AND x.hash = i.hash LIMIT 1) IS NOT NULL
    FROM {several}
    CROSS JOIN subject s ON s.organisation_id = :organisation AND s.id = k.value
    CROSS JOIN identifier i ON i.organisation_id = :organisation AND i.subject_id = k.value
        AND i.closed_at IS NULL
    """
)
_STANDING: Final = _of_each(
    """
    SELECT st.subject_id, st.body FROM {several}
    CROSS JOIN standing st ON st.organisation_id = :organisation AND st.subject_id = k.value
    """
)
_FACTS: Final = _of_each(
    """
    SELECT f.subject_id, f.kind, f.body, f.since, f.until, f.informed_at, f.recorded_at
    FROM {several}
    CROSS JOIN subject_fact f ON f.organisation_id = :organisation AND f.subject_id = k.value
        AND f.closed_at IS NULL
    """
)
_STOPPED: Final = Sql(
    """
    SELECT i.id, x.scope, x.reason, x.lifted FROM json_each(:several) k
    CROSS JOIN identifier i ON i.organisation_id = :organisation AND i.id = k.value
    CROSS JOIN suppression x ON x.organisation_id = :organisation AND x.hash = i.hash
        AND x.closed_at IS NULL
    """,
    """
    SELECT i.id, x.scope, x.reason, x.lifted FROM identifier i
    JOIN suppression x ON x.organisation_id = i.organisation_id AND x.hash = i.hash
        AND x.closed_at IS NULL
    WHERE i.organisation_id = :organisation AND i.id = ANY(:several)
    """,
)
_BOUNCED: Final = "bounced"
_NONE: Final[list[Any]] = []


class Held(NamedTuple):
    """An identifier as its subject holds it."""

    subject: int
    id: int
    kind: str
    hash: bytes
    sealed: bytes
    shared: int
    # Whether its person is several subjects, and whether it was ever suppressed.
    linked: int
    suppressed: int


class Found:
    """What was read of several subjects."""

    def __init__(self, tx: Transaction, organisation: int, subjects: Sequence[int]) -> None:
        values = {"organisation": organisation, "several": tx.several(subjects)}
        self.held = list(map(Held._make, tx.run(_HELD, values)))
        self._standing = {row[0]: row for row in tx.run(_STANDING, values)}
        self._facts = _by_first(tx.run(_FACTS, values))
        stopped = sorted(each.id for each in self.held if each.suppressed)
        self._stopped: dict[int, list[Raw]] = {}
        self._person: dict[int, list[Raw]] = {}
        if stopped:
            values = {"organisation": organisation, "several": tx.several(stopped)}
            self._stopped = _by_first(tx.run(_STOPPED, values))
            self._person = self._of_person()

    def standing(self, subject: int) -> list[tuple[int, Row]]:
        """Give a subject's rows of standing, each with its purpose."""
        raw = self._standing.get(subject)
        return [] if raw is None else stood.read(raw)

    def facts(self, subject: int) -> list[Raw]:
        """Give a subject's facts as `read_facts` takes them."""
        return self._facts.get(subject, _NONE)

    def stopped(self, held: Held) -> list[Raw]:
        """Give what stops an identifier: its own, and what stops its person (gather.py)."""
        if not self._stopped:
            return _NONE
        return [*self._person.get(held.subject, ()), *self._stopped.get(held.id, ())]

    def _of_person(self) -> dict[int, list[Raw]]:
        # One that others share, and one that mail does not reach, stop only themselves.
        found: dict[int, list[Raw]] = defaultdict(list)
        for held in self.held:
            if not held.shared:
                several = self._stopped.get(held.id, ())
                found[held.subject] += [row for row in several if row[1] != _BOUNCED]
        return found


def _by_first(rows: Iterable[Raw]) -> dict[int, list[Raw]]:
    found: dict[int, list[Raw]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row[1:])
    return dict(found)
