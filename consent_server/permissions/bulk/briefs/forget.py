"""Forgetting: what was derived of somebody goes in the transaction that erases her."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ....db import Sql
from ....organisations import keys_of
from ....subjects.touched import touch
from .changed import digests_of_subjects, holding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ....db import Transaction

_FORGET: Final = Sql(
    "UPDATE brief SET asks = 0, said = '' WHERE organisation_id = :organisation AND key = :key"
)
_GONE: Final = Sql(
    """
    INSERT INTO brief_gone (organisation_id, key) VALUES (:organisation, :key)
    ON CONFLICT (organisation_id, key) DO NOTHING
    """
)


def forget_briefs(
    tx: Transaction, organisation: int, subjects: Iterable[int], *, whole: bool = True
) -> None:
    """Empty what was derived of subjects; called before their identifiers are erased.

    It is noted whether or not there are briefs, because they may just be being made. Others
    may have one of the digests: theirs are made again, and what is left of the subjects
    themselves, unless they are erased `whole`.
    """
    erased = set(subjects)
    digests = digests_of_subjects(tx, keys_of(organisation, tx), erased)
    touch(tx, organisation, holding(tx, organisation, set(digests.values())) - erased)
    if not whole:
        touch(tx, organisation, erased)
    for key in sorted(digests):
        values = {"organisation": organisation, "key": key}
        tx.run(_FORGET, values)
        tx.run(_GONE, values)
