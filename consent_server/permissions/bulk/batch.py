"""A batch: those of one kind in it, judged one by one or as somebody like them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from ...clock import rfc3339_micros, to_micros
from ...ids import public
from ...organisations.document.vocabulary import CALLS
from ...subjects import territory_of
from ...subjects.identifiers import CROSSED
from ...subjects.read import region_of
from ..lookup import setting_of
from ..rules import may_contact
from .briefs.read import Sorted, identifiers_of, sort
from .gather_many import gather_many
from .rows import Answer, Short

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ...db import Transaction
    from ...notices.values import Configuration
    from ..values import Asked, Permission
    from .rows import Row

_NOTHING: Final = ",,"


class Batch:
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

    def sort(
        self, tx: Transaction, places: Mapping[int, Sequence[bytes]], old: set[int]
    ) -> Sorted:
        """Sort them by what their briefs say."""
        number = self._asked.purpose.id if self._asked.purpose else 0
        own = places
        if self._kind == CROSSED:
            own = identifiers_of(tx, self.organisation, places)
        found = sort(tx, self.organisation, number, own, old=old, now=self.now)
        return Sorted(
            found.alike, [*found.left, *(place for place in places if place not in own)]
        )

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


def _said(permission: Permission) -> Answer:
    return Answer(
        allowed=permission.allowed,
        because=permission.because.value,
        regime=permission.regime.value if permission.regime else "",
        decision=public("dec", permission.decision) if permission.decision else "",
        since=rfc3339_micros(permission.since) if permission.since else "",
        expires_at=rfc3339_micros(permission.expires_at) if permission.expires_at else "",
    )
