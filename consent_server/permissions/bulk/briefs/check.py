"""Checking: every brief is made again from the facts, and compared with the one kept."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from .... import notices
from ....clock import to_micros
from ....db import Sql
from ....ids import public
from ....organisations import keys_of
from ....web import current
from ...lookup import setting_of
from .build import NEXT
from .changed import digests_of_subjects
from .follow import made_again
from .fresh import Fresh
from .make import Brief, agreed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ....db import Transaction
    from ....keyring import OrganisationKeys
    from ...values import Setting

_AT_ONCE: Final = 1_000
_KEPT: Final = Sql(
    """
    SELECT key, asks, since, until, said FROM brief
    WHERE organisation_id = :organisation AND key IN (SELECT value FROM json_each(:several))
    """,
    """
    SELECT key, asks, since, until, said FROM brief
    WHERE organisation_id = :organisation AND key = ANY(:several)
    """,
)
_COUNT: Final = Sql("SELECT COUNT(*) FROM brief WHERE organisation_id = :organisation")


def check_briefs(tx: Transaction, organisation: int) -> Iterator[str]:
    """Name the subjects whose briefs do not follow from the facts, if there are briefs."""
    setting = setting_of(notices.configuration(tx, organisation))
    keys = keys_of(organisation, tx)
    old = Fresh(keys).old(tx, setting)
    if old is None:
        return
    check = _Check(tx, keys, setting, old)
    after = 0
    while True:
        values = {"organisation": organisation, "after": after, "most": _AT_ONCE}
        subjects = [number for (number,) in tx.run(NEXT, values)]
        if not subjects:
            break
        after = subjects[-1]
        if check.wrong(subjects, count=True):
            for subject in subjects:
                if check.wrong([subject]):
                    yield f"the briefs of {public('sub', subject)} do not follow from its facts"
    ((count,),) = tx.run(_COUNT, {"organisation": organisation})
    if not old and count != check.count:
        yield f"there are {count} briefs, and {check.count} that are somebody's"


class _Check:
    """What is known of an organisation's briefs, and how many were looked at."""

    def __init__(
        self, tx: Transaction, keys: OrganisationKeys, setting: Setting, old: set[int]
    ) -> None:
        self._tx, self._keys, self._setting, self._old = tx, keys, setting, old
        self._now = to_micros(current.now())
        self._met: set[int] = set()
        self._alone = 0

    @property
    def count(self) -> int:
        """Tell how many briefs are somebody's."""
        return self._alone + len(self._met)

    def wrong(self, subjects: list[int], *, count: bool = False) -> bool:
        """Tell whether what is kept of subjects is not what follows from the facts."""
        tx, keys = self._tx, self._keys
        digests = digests_of_subjects(tx, keys, subjects)
        made = made_again(tx, keys, subjects, digests, self._setting, self._now)
        wanted = {each.key: each for each in agreed(made)}
        if count:
            several = Counter(each.key for each in made)
            # One that several have is met again with each of them.
            met = {key for key, times in several.items() if times > 1}
            self._met |= met
            self._alone += len(several) - len(met)
        values = {"organisation": keys.organisation, "several": tx.several(sorted(digests))}
        kept = {row[0]: Brief(*row) for row in tx.run(_KEPT, values)}
        return any(
            wanted.get(key) != kept.get(key)
            for key in digests
            if key not in self._old and not self._waits(kept.get(key))
        )

    def _waits(self, kept: Brief | None) -> bool:
        # Its time is over: it is not read, until it is made again.
        return kept is not None and not kept.since <= self._now < kept.until
