"""Tally: what lookups noted becomes how often, one part of all subjects after the other.

A row for each person asked about would change a page for each lookup, in a tree as large as
the base. So a process writes what it noted together, by the part of all subjects they are in,
and the worker tallies one such part a second: the more is asked, the more of it lies in each
page that is changed (docs/decisions/0045).
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Final

from ..db import Sql, read, write

if TYPE_CHECKING:
    from collections.abc import Iterator

# Ids are drawn from all of 63 bits: the highest eight say which part. Few people, carried over
# within seconds, may all be in one.
PART_BITS: Final = 55
# Of notes, as long as they are written: some thousands. A decision waits for whoever writes.
_AT_ONCE: Final = 100_000
_NEXT: Final = Sql(
    """
    SELECT coalesce(
        (SELECT min(part) FROM asking_noted
            WHERE organisation_id = :organisation AND part > :part),
        (SELECT min(part) FROM asking_noted WHERE organisation_id = :organisation))
    """
)
_WAITING: Final = Sql(
    """
    SELECT id, length(CAST(counts AS TEXT)) FROM asking_noted
    WHERE organisation_id = :organisation AND part = :part ORDER BY id
    """
)
_DROP: Final = (
    "DELETE FROM asking_noted WHERE organisation_id = :organisation AND part = :part"
    " AND id <= :last"
)
# In one order everywhere, so that two processes cannot wait for each other; and whoever was
# erased since is nobody's business any more. She is looked for where she would be, by each
# engine: one that has no statistics yet would read all subjects for some thousands.
_TALLY: Final = """
    {noted} INSERT INTO asking
        (organisation_id, subject_id, day, purpose_id, key_id, allowed, count)
    SELECT :organisation, subject_id, day, purpose_id, key_id, allowed, count FROM (
        SELECT CAST(e.key AS BIGINT) AS subject_id, n.day, n.purpose_id, n.key_id, n.allowed,
            sum(CAST(e.value AS BIGINT)) AS count
        FROM {those} n CROSS JOIN {each}(n.counts) e {where}
        GROUP BY 1, 2, 3, 4, 5
    ) told
    WHERE (SELECT s.id FROM subject s
        WHERE s.organisation_id = :organisation AND s.id = told.subject_id) IS NOT NULL
    ORDER BY subject_id, day, purpose_id, key_id, allowed
    ON CONFLICT (organisation_id, subject_id, day, purpose_id, key_id, allowed)
    DO UPDATE SET count = asking.count + excluded.count
"""
COUNT: Final = Sql(
    _TALLY.format(
        noted="",
        those="asking_noted",
        each="json_each",
        where="WHERE n.organisation_id = :organisation AND n.part = :part AND n.id <= :last",
    ),
    # What others note meanwhile stays, and what others tally is not there.
    _TALLY.format(
        noted=f"WITH gone AS ({_DROP} RETURNING *)",
        those="gone",
        each="json_each_text",
        where="",
    ),
)
_COUNTED: Final = Sql(_DROP)


def part_of(subject: int) -> int:
    """Tell which part of all subjects one is in: neighbours are in the same."""
    return subject >> PART_BITS


def tally_next(organisation: int, last: int) -> int:
    """Tally the part after the last one, of those that hold anything; tells which it was."""
    with read(organisation) as tx:
        ((part,),) = tx.run(_NEXT, {"organisation": organisation, "part": last})
    if part is None:
        return last
    tally(organisation, part)
    return int(part)


def tally(organisation: int, part: int) -> None:
    """Tally what was noted of a part of an organisation's subjects."""
    with read(organisation) as tx:
        rows = tx.run(_WAITING, {"organisation": organisation, "part": part})
    for last in _ends([(number, size) for number, size in rows]):
        values = {"organisation": organisation, "part": part, "last": last}
        with write(organisation) as tx:
            tx.run(COUNT, values)
            if not tx.postgresql:
                tx.run(_COUNTED, values)


def _ends(rows: list[tuple[int, int]]) -> Iterator[int]:
    """Cut rows into pieces of one transaction each; gives the last id of each piece."""
    sums = accumulate(size for _, size in rows)
    pieces = {total // _AT_ONCE: number for (number, _), total in zip(rows, sums, strict=True)}
    yield from pieces.values()
