"""A campaign: one question asked of many, answered lot by lot from committed state."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from ... import notices
from ...db import snapshot
from ...subjects.read import region_of
from ..lookup import find_purpose, setting_of
from ..values import Asked
from .ahead import ahead
from .asked import numbers_of
from .asking import asking
from .batch import Alike, Batch
from .briefs.fresh import Fresh
from .briefs.read import may_read
from .lots import parted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from ...clock import Clock
    from ...db import Transaction
    from ...keyring import OrganisationKeys
    from ..values import Setting
    from .asked import About
    from .asking import Asking
    from .rows import Answered, Lot


@dataclass
class Count:
    """What has been answered so far."""

    asked: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None

    def add(self, other: Count) -> None:
        """Count what somebody else has answered, maybe at the same time."""
        self.asked += other.asked
        self.reasons.update(other.reasons)
        for moment in (other.first, other.last):
            if moment is not None:
                self.first = min(self.first or moment, moment)
                self.last = max(self.last or moment, moment)


class Campaign:
    """Answers lines about one purpose; the same rules and facts as the single question."""

    def __init__(
        self,
        keys: OrganisationKeys,
        purpose: str,
        channel: str | None,
        *,
        clock: Clock,
        about: About,
        count: Count | None = None,
    ) -> None:
        self.purpose, self.channel = purpose, channel
        self.count = count or Count()
        self._keys = keys
        self._clock = clock
        self._about = about
        self._fresh = Fresh(keys)
        self._alike = Alike()

    def answer(self, lots: Iterable[Lot], *, waits: bool) -> Iterator[Answered]:
        """Answer lots in their order.

        Each reads what is committed when it is read: a no acknowledged before is a no. Whom
        the next one names is worked out meanwhile, unless it `waits` for somebody to send it.
        """
        region = self._region()
        read = ((lot, asking(self._keys, lot, region)) for lot in lots)
        for lot, named in read if waits else ahead(read):
            now = self._clock()
            with snapshot(self._keys.organisation) as tx:
                answered = self._batch(tx, lot, named, now)
            for each in named:
                self._about.put(numbers_of(self._keys, each, lot))
            count = self.count
            count.asked += answered.size
            count.reasons.update(answered.counts())
            count.first, count.last = count.first or now, now
            # Not held while it is written, nor while the next one is answered.
            del lot, named
            yield answered
            del answered

    def recall(self, lots: Iterator[Lot], passed: int) -> Iterator[Lot]:
        """Remember whom lines asked about that are answered already; gives the others."""
        region, left = self._region(), passed
        while left > 0 and (lot := next(lots, None)) is not None:
            answered, rest = parted(lot, left)
            for each in asking(self._keys, answered, region):
                self._about.put(numbers_of(self._keys, each, answered))
            left -= answered.size
            if rest is not None:
                return chain([rest], lots)
        return lots

    def _region(self) -> str:
        organisation = self._keys.organisation
        with snapshot(organisation) as tx:
            return region_of(notices.configuration(tx, organisation))

    def _batch(self, tx: Transaction, lot: Lot, named: list[Asking], now: datetime) -> Answered:
        configuration = notices.configuration(tx, self._keys.organisation)
        purpose = find_purpose(configuration, self.purpose, self.channel)
        asked = Asked(name=self.purpose, purpose=purpose, channel=self.channel)
        batch = Batch(tx, self._keys, lot, asked, configuration, now)
        old = self._old(tx, asked, setting_of(configuration))
        self._alike.at(batch)
        for each in named:
            if old is None or not len(each.several):
                batch.judge(each.kind, each.places.tolist())
            else:
                batch.answer_alike(each, old, self._alike)
        return batch.answered(self._alike)

    def _old(self, tx: Transaction, asked: Asked, setting: Setting) -> set[int] | None:
        if asked.purpose is None or asked.channel not in {None, asked.purpose.channel}:
            return None
        return self._fresh.old(tx, setting) if may_read(asked.purpose, setting) else None
