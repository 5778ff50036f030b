"""Fresh: which briefs may be read at this moment, and of whom they may be old.

In the very snapshot that answers: every entry that the briefs have not taken in, every one
that still waits for its place, and every subject that was touched. So no brief is read of
anybody of whom something was committed since.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ....subjects import touched
from .changed import integrated, pending, subjects_of_records
from .reached import log_now, read_reached, retention_of

if TYPE_CHECKING:
    from ....db import Transaction
    from ...values import Setting

# With more than this to look at, the facts themselves are as quick.
_MOST: Final = 5_000


class Fresh:
    """What one run knows of whose briefs are old; it only learns of more."""

    def __init__(self, organisation: int) -> None:
        self._organisation = organisation
        self._looked = 0
        self._origin = ""
        self._old: set[int] = set()

    def old(self, tx: Transaction, setting: Setting) -> set[int] | None:
        """Name the subjects whose briefs may be old; None if no brief may be read."""
        organisation = self._organisation
        reached, log = read_reached(tx, organisation), log_now(tx, organisation)
        if reached is None or reached.built is not None or reached.origin != log.origin:
            return None
        if reached.retention != retention_of(setting) or reached.place > log.size:
            return None
        if self._origin != log.origin:
            self._origin, self._looked, self._old = log.origin, reached.place, set()
        start = max(self._looked, reached.place)
        noted = touched.touched(tx, organisation, _MOST)
        waiting = pending(tx, organisation, log.name, _MOST)
        if log.size - start > _MOST or len(noted) >= _MOST or len(waiting) >= _MOST:
            return None
        records = integrated(tx, organisation, log.name, start, log.size)
        self._old |= subjects_of_records(tx, organisation, [*records, *waiting])
        self._old |= {subject for subject, _ in noted}
        self._looked = log.size
        return self._old
