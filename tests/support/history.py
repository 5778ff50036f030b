"""Was every answer true? A history of grants, withdrawals and lookups, checked in one pass.

Each operation took effect at some moment between its call and its return. An answer is
explained if such moments can be chosen so that it agrees with what came last before it;
one that no choice explains is stale (security.md §1, fact 10). Each bound is a running
maximum, so a history costs no more than its sorting.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from itertools import accumulate
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


@dataclass(frozen=True, kw_only=True)
class Write:
    """A yes or a no about a subject; `ended` is None when no answer came back."""

    subject: str
    yes: bool
    began: int
    ended: int | None
    decision: str | None = None

    @property
    def at_latest(self) -> float:
        """Give the last moment at which it may have taken effect."""
        # Without an answer it may have happened at any time, or never.
        return inf if self.ended is None else self.ended


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """A question about a subject and its answer; the decision it names, if any."""

    subject: str
    yes: bool
    began: int
    ended: int
    decision: str | None = None


def unexplained(history: Iterable[Write | Lookup]) -> Iterator[Lookup]:
    """Give the answers that nothing explains; before its first write a subject is a no."""
    by_subject: dict[str, list[Write | Lookup]] = defaultdict(list)
    for operation in history:
        by_subject[operation.subject].append(operation)
    for operations in by_subject.values():
        for yes in (True, False):
            yield from _unexplained(operations, yes=yes)


def _unexplained(operations: Sequence[Write | Lookup], *, yes: bool) -> Iterator[Lookup]:
    writes = [each for each in operations if isinstance(each, Write) and each.yes == yes]
    possible = _Latest([(each.began, each.at_latest) for each in writes])
    named = {each.decision: each for each in writes if each.decision}
    # Whoever answered the opposite saw the opposite: lookups bind like writes.
    opposite = _Latest(
        [
            (each.ended, each.began)
            for each in operations
            if each.yes != yes and each.ended is not None
        ]
    )
    for asked in operations:
        if not isinstance(asked, Lookup) or asked.yes != yes:
            continue
        # The last moment at which what it answers may have begun to hold …
        latest = possible.up_to(asked.ended, default=-inf if yes else 0)
        source = named.get(asked.decision or "") if yes else None
        if source is not None:
            latest = source.at_latest if source.began <= asked.ended else -inf
        # … and the first at which the opposite, over before the question, can have.
        if latest < opposite.before(asked.began, default=0 if yes else -inf):
            yield asked


class _Latest:
    """The greatest value among the pairs whose time has come."""

    def __init__(self, pairs: Iterable[tuple[float, float]]) -> None:
        ordered = sorted(pairs)
        self._times = [time for time, _ in ordered]
        self._greatest = list(accumulate((value for _, value in ordered), max))

    def up_to(self, time: float, *, default: float) -> float:
        return self._at(bisect_right(self._times, time), default)

    def before(self, time: float, *, default: float) -> float:
        return self._at(bisect_left(self._times, time), default)

    def _at(self, count: int, default: float) -> float:
        return max(self._greatest[count - 1], default) if count else default
