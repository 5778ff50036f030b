"""Checking: every brief is made again from the facts, and compared with the one kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .... import notices
from ....clock import to_micros
from ....db import Sql
from ....ids import public
from ....web import current
from ...lookup import setting_of
from .follow import NEXT, rows_of
from .fresh import Fresh

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ....db import Transaction
    from ...values import Setting

    Place = tuple[int, int]

_AT_ONCE: Final = 1_000
_NAMES: Final = ("purpose_id", "key", "rest", "subject_id", "shape", "tail", "expires_at")
_KEPT: Final = Sql(
    """
    SELECT purpose_id, key, rest, subject_id, shape, tail, expires_at, since, until
    FROM brief WHERE organisation_id = :organisation
      AND subject_id IN (SELECT value FROM json_each(:several))
    """,
    """
    SELECT purpose_id, key, rest, subject_id, shape, tail, expires_at, since, until
    FROM brief WHERE organisation_id = :organisation AND subject_id = ANY(:several)
    """,
)
_NOBODY: Final = Sql(
    """
    SELECT DISTINCT b.subject_id FROM brief b
    WHERE b.organisation_id = :organisation AND NOT EXISTS (SELECT 1 FROM subject s
        WHERE s.organisation_id = b.organisation_id AND s.id = b.subject_id)
    """
)
_OF: Final = Sql(
    "SELECT hash, kind, subject_id FROM identifier WHERE organisation_id = :organisation"
    " AND subject_id IN (SELECT value FROM json_each(:several)) AND closed_at IS NULL",
    "SELECT hash, kind, subject_id FROM identifier WHERE organisation_id = :organisation"
    " AND subject_id = ANY(:several) AND closed_at IS NULL",
)


def check_briefs(tx: Transaction, organisation: int) -> Iterator[str]:
    """Name the subjects whose briefs do not follow from the facts, if there are briefs."""
    setting = setting_of(notices.configuration(tx, organisation))
    old = Fresh(organisation).old(tx, setting)
    if old is None:
        return
    now = to_micros(current.now())
    seen: set[int] = set()
    after = b""
    while True:
        values = {"organisation": organisation, "after": after, "most": _AT_ONCE}
        found = tx.run(NEXT, values)
        if not found:
            break
        after = bytes(found[-1][0])
        subjects = {row[2] for row in found} - seen - old
        seen |= subjects
        for subject in _wrong(tx, organisation, subjects, setting, now):
            yield f"the briefs of {public('sub', subject)} do not follow from its facts"
    for (subject,) in tx.run(_NOBODY, {"organisation": organisation}):
        if subject not in old:
            yield f"{public('sub', subject)} has briefs, and is nobody's"


def _wrong(
    tx: Transaction, organisation: int, subjects: set[int], setting: Setting, now: int
) -> list[int]:
    several = {"organisation": organisation, "several": tx.several(sorted(subjects))}
    named = [(bytes(hashed), kind) for hashed, kind, _ in tx.run(_OF, several)]
    wanted: dict[int, dict[Place, Any]] = {}
    for row in rows_of(tx, organisation, named, setting, now):
        _put(wanted, row)
    kept: dict[int, dict[Place, Any]] = {}
    waits: set[int] = set()
    for *told, since, until in tx.run(_KEPT, several):
        _put(kept, dict(zip(_NAMES, told, strict=True)))
        if (since is not None and since > now) or (until is not None and until <= now):
            # Its time is over: it is not read, until it is made again.
            waits.add(told[3])
    return sorted(
        each for each in subjects - waits if wanted.get(each, {}) != kept.get(each, {})
    )


def _put(sorted_by: dict[int, dict[Place, Any]], row: Mapping[str, Any]) -> None:
    place = row["purpose_id"], row["key"]
    sorted_by.setdefault(row["subject_id"], {})[place] = [row[name] for name in _NAMES]
