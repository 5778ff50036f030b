"""A campaign: one question asked of many, answered batch by batch from committed state."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from ... import notices
from ...clock import rfc3339_micros, to_micros
from ...db import snapshot
from ...ids import public
from ...organisations.document.vocabulary import CALLS
from ...subjects import NotAnIdentifier, territory_of
from ...subjects.read import region_of
from ..lookup import find_purpose, hashes_of, setting_of
from ..rules import may_contact
from ..values import Asked, Permission
from .gather_many import gather_many
from .rows import UNREADABLE, Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from ...clock import Clock
    from ...db import Transaction
    from ...keyring import OrganisationKeys
    from ...notices.values import Configuration
    from .asked import AskedSet
    from .rows import Row

BATCH_ROWS: Final = 5_000
# A row may be long: a batch is never more than a few megabytes of them.
BATCH_BYTES: Final = 4 * 1024 * 1024
# One that speaks while it reads answers its first lines at once.
FIRST_ROWS: Final = 100

Answered = list[tuple["Row", Answer]]


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
            count.reasons.update(answer.because for answer in answers)
            count.first, count.last = count.first or now, now
            yield list(zip(batch, answers, strict=True))

    def recall(self, rows: Iterable[Row]) -> None:
        """Remember whom rows asked about that are answered already."""
        organisation = self._keys.organisation
        with snapshot(organisation) as tx:
            region = region_of(notices.configuration(tx, organisation))
        for batch in _batches(rows):
            self._hashed(batch, region)

    def _batch(self, tx: Transaction, batch: Sequence[Row], now: datetime) -> list[Answer]:
        organisation = self._keys.organisation
        configuration = notices.configuration(tx, organisation)
        purpose = find_purpose(configuration, self.purpose, self.channel)
        asked = Asked(name=self.purpose, purpose=purpose, channel=self.channel)
        region = region_of(configuration)
        answers = [UNREADABLE] * len(batch)
        for kind, places in self._hashed(batch, region).items():
            found = gather_many(
                tx,
                organisation,
                kind,
                list(places.values()),
                purpose=purpose.id if purpose else 0,
                version=0,
            )
            for at, each in zip(places, found, strict=True):
                facts = each.about(purpose.id if purpose else 0)
                one = _placed(asked, batch[at], region)
                answers[at] = _said(self._judge(facts, one, configuration, now))
        return answers

    def _judge(
        self, facts: Any, asked: Asked, configuration: Configuration, now: datetime
    ) -> Permission:
        return may_contact(facts, asked, setting_of(configuration), to_micros(now))

    def _hashed(
        self, batch: Sequence[Row], region: str
    ) -> dict[str, dict[int, Sequence[bytes]]]:
        """Hash what can be read, by kind and by place in the batch."""
        kinds: dict[str, dict[int, Sequence[bytes]]] = {}
        for place, row in enumerate(batch):
            if row.text is None:
                continue
            try:
                name, hashes = hashes_of(self._keys, row.kind, row.text, region=region)
            except NotAnIdentifier:
                continue
            kinds.setdefault(name, {})[place] = hashes
        for places in kinds.values():
            # Under the newest index key, which comes first.
            self._about.add(hashes[0] for hashes in places.values())
        return kinds


def _placed(asked: Asked, row: Row, region: str) -> Asked:
    # Call hours are those of where the number asked rings.
    purpose = asked.purpose
    if purpose is None or purpose.channel not in CALLS or row.kind != "phone":
        return asked
    return replace(asked, territory=territory_of(row.text or "", region=region))


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    size, most = 0, FIRST_ROWS
    for row in rows:
        batch.append(row)
        size += len(row.raw)
        if len(batch) >= most or size >= BATCH_BYTES:
            yield batch
            batch, size, most = [], 0, BATCH_ROWS
    if batch:
        yield batch


def _said(permission: Permission) -> Answer:
    return Answer(
        allowed=permission.allowed,
        because=permission.because.value,
        regime=permission.regime.value if permission.regime else "",
        decision=public("dec", permission.decision) if permission.decision else "",
        since=rfc3339_micros(permission.since) if permission.since else "",
        expires_at=rfc3339_micros(permission.expires_at) if permission.expires_at else "",
    )
