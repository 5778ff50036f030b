"""Forgetting: what was derived of somebody goes in the transaction that erases her."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ....db import Sql
from ....organisations import keys_of
from .changed import digests_of_subjects

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ....db import Transaction

_FORGET: Final = Sql(
    "UPDATE brief SET asks = 0, said = '' WHERE organisation_id = :organisation AND key = :key"
)
_GONE: Final = Sql(
    """
    INSERT INTO brief_gone (organisation_id, key, hash) VALUES (:organisation, :key, :hash)
    ON CONFLICT (organisation_id, key) DO NOTHING
    """
)


def forget_briefs(tx: Transaction, organisation: int, subjects: Iterable[int]) -> None:
    """Empty what was derived of subjects; called before their identifiers are erased.

    Others may have the same digest: until the worker has looked, they are answered from the
    facts, and so is whoever is erased. It is noted whether or not there are briefs, because
    they may just be being made.
    """
    digests = digests_of_subjects(tx, keys_of(organisation, tx), set(subjects))
    for key, hashed in sorted(digests.items()):
        values = {"organisation": organisation, "key": key}
        tx.run(_FORGET, values)
        tx.run(_GONE, {**values, "hash": hashed})
