"""Forgetting: whoever is erased, wholly or in part, has no brief from that moment on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ....db import Sql

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ....db import Transaction

_FORGET: Final = Sql(
    "DELETE FROM brief WHERE organisation_id = :organisation AND subject_id = :subject"
)


def forget_briefs(tx: Transaction, organisation: int, subjects: Iterable[int]) -> None:
    """Delete what was derived of subjects, in the transaction that erases what it came from.

    Whoever has no brief is answered from the facts that are left.
    """
    for subject in subjects:
        tx.run(_FORGET, {"organisation": organisation, "subject": subject})
