"""Fresh: which briefs may be read at this moment, and which of them may be old.

In the very snapshot that answers: every entry that the briefs have not taken in, every one
that still waits for its place, every subject that was touched, and what erasures left. So no
brief is read of anybody of whom something was committed since.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ....keyring import CannotOpen
from ....subjects import touched
from .changed import digests_of_subjects, gone, integrated, pending, subjects_of_records
from .reached import ground_of, log_now, read_reached

if TYPE_CHECKING:
    from ....db import Transaction
    from ....keyring import OrganisationKeys
    from ...values import Setting
    from .reached import Log, Reached

# With more than this to look at, the facts themselves are as quick.
_MOST: Final = 5_000


class Fresh:
    """What one run knows of which briefs are old; it only learns of more."""

    def __init__(self, keys: OrganisationKeys) -> None:
        self._keys = keys
        self._looked = 0
        self._origin = ""
        self._old: set[int] = set()

    def old(self, tx: Transaction, setting: Setting) -> set[int] | None:
        """Name the numbers of briefs that may be old; None if no brief may be read."""
        organisation = self._keys.organisation
        reached, log = read_reached(tx, organisation), log_now(tx, organisation)
        if reached is None or not self._may_read(reached, log, setting):
            return None
        if self._origin != log.origin:
            self._origin, self._looked, self._old = log.origin, reached.place, set()
        start = max(self._looked, reached.place)
        noted = touched.touched(tx, organisation, _MOST)
        waiting = pending(tx, organisation, log.name, _MOST)
        left = gone(tx, organisation, _MOST)
        if log.size - start > _MOST or max(len(noted), len(waiting), len(left)) >= _MOST:
            return None
        records = integrated(tx, organisation, log.name, start, log.size)
        subjects = subjects_of_records(tx, organisation, [*records, *waiting])
        subjects |= {subject for subject, _ in noted}
        try:
            self._old |= digests_of_subjects(tx, self._keys, subjects).keys()
        except CannotOpen:
            return None
        self._old |= left
        self._looked = log.size
        return self._old

    def _may_read(self, reached: Reached, log: Log, setting: Setting) -> bool:
        # A digest is masked under one key.
        if len(self._keys.index_keys) > 1 or reached.built is not None:
            return False
        of_this_log = reached.origin == log.origin and reached.place <= log.size
        return of_this_log and reached.ground == ground_of(setting, self._keys)
