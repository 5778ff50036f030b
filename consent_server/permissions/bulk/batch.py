"""A batch: those of a lot, judged one by one or as somebody like them."""

from __future__ import annotations

from dataclasses import replace
from itertools import compress
from operator import not_
from typing import TYPE_CHECKING, Any, Final

from ...clock import rfc3339_micros, to_micros
from ...ids import public
from ...organisations.document.vocabulary import CALLS
from ...subjects import territory_of
from ...subjects.identifiers import CROSSED
from ...subjects.read import region_of
from ..lookup import hashes_of, setting_of
from ..rules import may_contact
from .briefs.mark import REST
from .briefs.read import BASE, CLOSED, read_briefs
from .briefs.shape import NOTHING
from .gather_many import gather_many
from .rows import UNREADABLE, Answer, Answered
from .strangers import known

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from ...db import Transaction
    from ...keyring import OrganisationKeys
    from ...notices.values import Configuration
    from ..values import Asked, Permission
    from .asking import Asking
    from .rows import Lot

# Of whom nothing is kept, and nothing is known: all of them are one class.
_STRANGER: Final = "?"
# Whose yes has ended by itself is another class than whose has not.
_ENDED: Final = "!"
_MOMENT: Final = len("2026-11-22T10:41:33.123456Z")
# The facts of so many are held at once: they are larger than lines.
_FACTS_OF: Final = 1_000
_SECOND: Final = 1_000_000


class Alike:
    """What a run knows of each class: how one of it was answered from the facts.

    Under one configuration, and within one second, the rules answer alike whoever has one
    shape: what a law or a notice says of time it says to the second. So it is kept that long.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        # Classes that are told no decision, though there may be one.
        self.silent: set[str] = set()
        self._when: tuple[Any, ...] = ()

    def at(self, batch: Batch) -> None:
        """Forget what was of another second, or of another configuration."""
        when = (batch.now // _SECOND, batch.configuration.version)
        if self._when != when:
            self.answers, self.silent, self._when = {}, set(), when

    def learn(self, name: str, answer: Answer) -> None:
        """Remember how one of a class was answered."""
        self.answers[name] = Answer(answer.allowed, *answer[1:3])
        if not answer.decision:
            self.silent.add(name)


class Batch:
    """A lot, and what it is answered at one moment."""

    def __init__(
        self,
        tx: Transaction,
        keys: OrganisationKeys,
        lot: Lot,
        asked: Asked,
        configuration: Configuration,
        now: datetime,
        *,
        cautious: bool = False,
    ) -> None:
        # A snapshot is read later: a message meanwhile may use up what a cap leaves.
        self._cautious = cautious
        self.now, self.configuration = to_micros(now), configuration
        self._tx, self._keys, self._lot, self._asked = tx, keys, lot, asked
        self._number = asked.purpose.id if asked.purpose else 0
        self._setting = setting_of(configuration)
        self._region = region_of(configuration)
        self._classes = [""] * len(lot.raws)
        self._tails = [NOTHING] * len(lot.raws)
        self._whole: dict[int, Answer] = {}

    def answered(self, alike: Alike) -> Answered:
        """Give all answers; whoever has none could not be read."""
        whole = self._whole
        if "" in self._classes:
            for at, name in enumerate(self._classes):
                if not name and at not in whole:
                    whole[at] = UNREADABLE
        return Answered(self._lot, self._classes, self._tails, alike.answers, whole)

    def judge(self, kind: str, places: Iterable[int]) -> dict[int, Answer]:
        """Answer those at some places from the facts; who stands there twice, once."""
        told: dict[tuple[str, str | None], list[int]] = {}
        for at in places:
            told.setdefault(self._lot.asked(at), []).append(at)
        said: dict[int, Answer] = {}
        firsts = [several[0] for several in told.values()]
        for start in range(0, len(firsts), _FACTS_OF):
            said.update(self._judged(kind, firsts[start : start + _FACTS_OF]))
        for first, *others in told.values():
            said.update(dict.fromkeys(others, said[first]))
        self._whole |= said
        return said

    def _judged(self, kind: str, places: Sequence[int]) -> Iterator[tuple[int, Answer]]:
        organisation, number = self._keys.organisation, self._number
        hashes = self._hashes(kind, places)
        found = gather_many(self._tx, organisation, kind, hashes, purpose=number, version=0)
        for at, each in zip(places, found, strict=True):
            named, text = self._lot.asked(at)
            facts, one = each.about(number), self._placed(named, text or "")
            told = _said(may_contact(facts, one, self._setting, self.now))
            if self._cautious and facts.caps:
                told = told._replace(allowed=False)
            yield at, told

    def answer_alike(self, asking: Asking, old: Collection[int], alike: Alike) -> None:
        """Answer one of each class from the facts, all others as her; and whoever is left."""
        classes, tails, left = self._sorted(asking, old)
        new: dict[str, int] = {}
        for name in set(classes).difference(alike.answers):
            if name:
                new[name] = asking.places[classes.index(name)]
        said = self.judge(asking.kind, sorted({*left, *new.values()}))
        for name, at in new.items():
            alike.learn(name, said[at])
            del self._whole[at]
        if alike.silent:
            silent = alike.silent
            tails = [
                NOTHING if name in silent else tail
                for name, tail in zip(classes, tails, strict=True)
            ]
        if len(classes) == len(self._classes):
            self._classes, self._tails = classes, tails
            return
        for at, name, tail in zip(asking.places, classes, tails, strict=True):
            self._classes[at], self._tails[at] = name, tail

    def _sorted(
        self, asking: Asking, old: Collection[int]
    ) -> tuple[list[str], list[str], list[int]]:
        """Sort them into classes by what is kept of each; gives who is in none, too."""
        found = read_briefs(
            self._tx,
            self._keys.organisation,
            asking.several,
            self._number,
            asks=asking.asks,
            now=self.now,
        )
        if old:
            found.update(dict.fromkeys(found.keys() & old, CLOSED))
        # Line by line only what is not as it is of most; the rest without a step of ours.
        said = list(map(found.__getitem__, asking.keys))
        classes = [each[REST:BASE] for each in said]
        tails = [each[BASE:] or NOTHING for each in said]
        now = rfc3339_micros(self.now)
        for number, tail in enumerate(tails):
            # One that says until when, and has ended.
            if tail[-1] != "," and tail[-_MOMENT:] <= now:
                classes[number] += _ENDED
        verified = map(str.startswith, said, asking.rests)
        unlike = list(compress(range(len(said)), map(not_, verified)))
        for number in unlike:
            classes[number], tails[number] = "", NOTHING
        strangers = [number for number in unlike if not said[number]]
        for number in set(strangers).difference(self._known(asking, strangers)):
            classes[number] = _STRANGER
        left = [asking.places[number] for number in unlike if not classes[number]]
        return classes, tails, left

    def _known(self, asking: Asking, strangers: Sequence[int]) -> list[int]:
        """Tell which of those without a brief are known for all that: to the facts."""
        hashes: dict[bytes, list[int]] = {}
        places = [asking.places[number] for number in strangers]
        for number, several in zip(strangers, self._hashes(asking.kind, places), strict=True):
            hashes.setdefault(several[0], []).append(number)
        found = known(
            self._tx, self._keys.organisation, sorted(hashes), crossed=asking.kind == CROSSED
        )
        return [number for hashed in found for number in hashes[hashed]]

    def _hashes(self, kind: str, places: Iterable[int]) -> list[Sequence[bytes]]:
        """Hash those at some places under every index key in use."""
        keys, lot = self._keys, self._lot
        # One that was read at one look is as it is matched.
        hashed = keys.hasher(kind) if len(keys.index_keys) == 1 else None
        found: list[Sequence[bytes]] = []
        for at in places:
            if hashed is not None and lot.names[at]:
                found.append((hashed(lot.names[at].decode()),))
            else:
                named, text = lot.asked(at)
                found.append(hashes_of(keys, named, text or "", region=self._region)[1])
        return found

    def _placed(self, kind: str, text: str) -> Asked:
        # Call hours are those of where the number asked rings.
        purpose = self._asked.purpose
        if purpose is None or purpose.channel not in CALLS or kind != "phone":
            return self._asked
        return replace(self._asked, territory=territory_of(text, region=self._region))


def _said(permission: Permission) -> Answer:
    return Answer(
        allowed=permission.allowed,
        because=permission.because.value,
        regime=permission.regime.value if permission.regime else "",
        decision=public("dec", permission.decision) if permission.decision else "",
        since=rfc3339_micros(permission.since) if permission.since else "",
        expires_at=rfc3339_micros(permission.expires_at) if permission.expires_at else "",
    )
