"""A campaign: one question asked of many, answered batch by batch from committed state."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from ... import notices
from ...db import snapshot
from ...subjects import NotAnIdentifier, common_email
from ...subjects.identifiers import CROSSED
from ...subjects.read import region_of
from ..lookup import find_purpose, hashes_of, setting_of
from ..values import Asked, Setting
from .batch import Batch
from .briefs.follow import KINDS
from .briefs.fresh import Fresh
from .briefs.read import may_read
from .rows import UNREADABLE, Answer, Short

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from ...clock import Clock
    from ...db import Transaction
    from ...keyring import OrganisationKeys
    from .asked import AskedSet
    from .rows import Row

BATCH_ROWS: Final = 10_000
# A row may be long: a batch is never more than a few megabytes of them.
BATCH_BYTES: Final = 4 * 1024 * 1024
# One that speaks while it reads answers its first lines at once.
FIRST_ROWS: Final = 100
# Rows are measured so many at a time.
_AT_ONCE: Final = 50
_EMAIL: Final = "email"

Answered = list[tuple["Row", "Answer | Short"]]


@dataclass
class Count:
    """What has been answered so far."""

    asked: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None


class Campaign:
    """Answers rows about one purpose; the same rules and facts as the single question."""

    def __init__(
        self,
        keys: OrganisationKeys,
        purpose: str,
        channel: str | None,
        *,
        clock: Clock,
        about: AskedSet,
        count: Count | None = None,
    ) -> None:
        self.purpose, self.channel = purpose, channel
        self.count = count or Count()
        self._keys = keys
        self._clock = clock
        self._about = about
        self._fresh = Fresh(keys.organisation)

    def answer(self, rows: Iterable[Row]) -> Iterator[Answered]:
        """Answer rows in their order, a batch at a time.

        Each batch reads what is committed when it is read: a no acknowledged before is a no.
        """
        for batch in _batches(rows):
            now = self._clock()
            with snapshot(self._keys.organisation) as tx:
                answers = self._batch(tx, batch, now)
            count = self.count
            count.asked += len(batch)
            count.reasons.update(map(_because, answers))
            count.first, count.last = count.first or now, now
            yield list(zip(batch, answers, strict=True))

    def recall(self, rows: Iterable[Row]) -> None:
        """Remember whom rows asked about that are answered already."""
        organisation = self._keys.organisation
        with snapshot(organisation) as tx:
            region = region_of(notices.configuration(tx, organisation))
        for batch in _batches(rows):
            self._hashed(batch, region)

    def _batch(
        self, tx: Transaction, batch: Sequence[Row], now: datetime
    ) -> list[Answer | Short]:
        configuration = notices.configuration(tx, self._keys.organisation)
        purpose = find_purpose(configuration, self.purpose, self.channel)
        asked = Asked(name=self.purpose, purpose=purpose, channel=self.channel)
        answers: list[Answer | Short] = [UNREADABLE] * len(batch)
        old = self._old(tx, asked, setting_of(configuration))
        for kind, places in self._hashed(batch, region_of(configuration)).items():
            each = Batch(self._keys.organisation, batch, kind, asked, configuration, now)
            if old is None or kind not in {*KINDS, CROSSED}:
                each.judge(tx, places, answers)
            else:
                each.answer_alike(tx, each.sort(tx, places, old), places, answers)
        return answers

    def _old(self, tx: Transaction, asked: Asked, setting: Setting) -> set[int] | None:
        # Under one index key alone: a brief has the hash that its identifier was found by.
        if len(self._keys.index_keys) > 1 or asked.purpose is None:
            return None
        if asked.channel not in {None, asked.purpose.channel}:
            return None
        return self._fresh.old(tx, setting) if may_read(asked.purpose, setting) else None

    def _hashed(
        self, batch: Sequence[Row], region: str
    ) -> dict[str, dict[int, Sequence[bytes]]]:
        """Hash what can be read, by kind and by place in the batch."""
        kinds: dict[str, dict[int, Sequence[bytes]]] = {}
        emails: dict[int, Sequence[bytes]] = {}
        hashed = self._keys.hasher(_EMAIL) if len(self._keys.index_keys) == 1 else None
        for place, (_, text, kind, _) in enumerate(batch):
            if text is None:
                continue
            if kind == _EMAIL and hashed is not None:
                match = common_email(text)
                if match is not None:
                    emails[place] = (hashed(match),)
                    continue
            try:
                name, hashes = hashes_of(self._keys, kind, text, region=region)
            except NotAnIdentifier:
                continue
            kinds.setdefault(name, {})[place] = hashes
        if emails:
            kinds[_EMAIL] = {**kinds.get(_EMAIL, {}), **emails}
        for places in kinds.values():
            # Under the newest index key, which comes first.
            self._about.add([hashes[0] for hashes in places.values()])
        return kinds


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    rows = iter(rows)
    batch: list[Row] = []
    size, most = 0, FIRST_ROWS
    while part := list(islice(rows, _AT_ONCE)):
        batch += part
        size += sum([len(row[0]) for row in part])
        if len(batch) >= most or size >= BATCH_BYTES:
            yield batch
            batch, size, most = [], 0, BATCH_ROWS
    if batch:
        yield batch


def _because(answer: Answer | Short) -> str:
    return answer.alike.because if isinstance(answer, Short) else answer.because
