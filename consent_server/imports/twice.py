"""Rows of one batch that name one person: what the first of them makes, the next one meets."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .known import KnownPeople
    from .plain import PlainRow
    from .ready import Ready


def named_twice(
    people: KnownPeople, plain: Sequence[PlainRow], ready: Sequence[Ready]
) -> set[bytes]:
    """Give the hashes of rows that name an identifier, or a person, whom another row names."""
    strangers = not (ready or people.holding)
    if strangers and len({row.hash for row in plain}) == len(plain):
        return set()
    rows = [
        *({row.hash} for row in plain),
        *({each for several in one.hashes for each in several} for one in ready),
    ]
    hashes = Counter(chain.from_iterable(rows))
    twice = {each for each, count in hashes.items() if count > 1}
    if not people.holding:
        return twice
    holders: dict[bytes, set[int]] = {}
    for (_, hashed), held in people.holding.items():
        holders.setdefault(hashed, set()).update(person for _, _, person, _ in held)
    named = [{one for each in row for one in holders.get(each, ())} for row in rows]
    persons = Counter(chain.from_iterable(named))
    for row, those in zip(rows, named, strict=True):
        if any(persons[one] > 1 for one in those):
            twice |= row
    return twice
