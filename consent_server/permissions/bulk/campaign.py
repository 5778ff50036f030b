"""A campaign: one question asked of many, answered batch by batch from committed state."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Final, cast

from ... import notices
from ...clock import rfc3339_micros, to_micros
from ...db import snapshot
from ...ids import public
from ...organisations.document.vocabulary import CALLS
from ...subjects import NotAnIdentifier, common_email, territory_of
from ...subjects.read import region_of
from ..lookup import find_purpose, hashes_of, setting_of
from ..rules import may_contact
from ..values import Asked, Permission, Setting
from .briefs.follow import KINDS
from .briefs.fresh import Fresh
from .briefs.read import may_read, sort
from .gather_many import gather_many
from .rows import UNREADABLE, Answer, Short

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from ...clock import Clock
    from ...db import Transaction
    from ...keyring import OrganisationKeys
    from ...notices.values import Configuration
    from .asked import AskedSet
    from .briefs.read import Sorted
    from .rows import Row

BATCH_ROWS: Final = 10_000
# A row may be long: a batch is never more than a few megabytes of them.
BATCH_BYTES: Final = 4 * 1024 * 1024
# One that speaks while it reads answers its first lines at once.
FIRST_ROWS: Final = 100
# Rows are measured so many at a time.
_AT_ONCE: Final = 50
_EMAIL: Final = "email"
_NOTHING: Final = ",,"

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
            each = _Batch(self._keys.organisation, batch, kind, asked, configuration, now)
            if old is None or purpose is None or kind not in KINDS:
                each.judge(tx, places, answers)
            else:
                found = sort(tx, each.organisation, purpose.id, places, old=old, now=each.now)
                each.answer_alike(tx, found, places, answers)
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


class _Batch:
    """Those of a batch who are asked about by one kind of identifier."""

    def __init__(
        self,
        organisation: int,
        rows: Sequence[Row],
        kind: str,
        asked: Asked,
        configuration: Configuration,
        now: datetime,
    ) -> None:
        self.organisation, self.now = organisation, to_micros(now)
        self._rows, self._kind, self._asked = rows, kind, asked
        self._setting = setting_of(configuration)
        self._region = region_of(configuration)

    def judge(
        self,
        tx: Transaction,
        places: Mapping[int, Sequence[bytes]],
        answers: list[Answer | Short],
    ) -> None:
        """Answer each from the facts."""
        if not places:
            return
        number = self._asked.purpose.id if self._asked.purpose else 0
        found = gather_many(
            tx,
            self.organisation,
            self._kind,
            list(places.values()),
            purpose=number,
            version=0,
        )
        for at, each in zip(places, found, strict=True):
            one = _placed(self._asked, self._rows[at], self._region)
            answers[at] = _said(may_contact(each.about(number), one, self._setting, self.now))

    def answer_alike(
        self,
        tx: Transaction,
        found: Sorted,
        places: Mapping[int, Sequence[bytes]],
        answers: list[Answer | Short],
    ) -> None:
        """Answer one of each class from the facts, all others as her; and whoever is left."""
        new = tuple.__new__
        firsts = [several[0][0] for several in found.alike.values()]
        self.judge(tx, {at: places[at] for at in [*found.left, *firsts]}, answers)
        for first, several in zip(firsts, found.alike.values(), strict=True):
            # Hers is whole: it was just written from the facts.
            said = cast("Answer", answers[first])
            alike = Answer(said.allowed, *said[1:3])
            shown = bool(said[3])
            for at, tail in several:
                answers[at] = new(Short, (alike, tail if shown else _NOTHING))


def _placed(asked: Asked, row: Row, region: str) -> Asked:
    # Call hours are those of where the number asked rings.
    purpose = asked.purpose
    if purpose is None or purpose.channel not in CALLS or row.kind != "phone":
        return asked
    return replace(asked, territory=territory_of(row.text or "", region=region))


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


def _said(permission: Permission) -> Answer:
    return Answer(
        allowed=permission.allowed,
        because=permission.because.value,
        regime=permission.regime.value if permission.regime else "",
        decision=public("dec", permission.decision) if permission.decision else "",
        since=rfc3339_micros(permission.since) if permission.since else "",
        expires_at=rfc3339_micros(permission.expires_at) if permission.expires_at else "",
    )
