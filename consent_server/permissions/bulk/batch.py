"""A batch: those of a lot, judged one by one or as somebody like them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ...clock import rfc3339_micros, to_micros
from ...ids import public
from ...organisations.document.vocabulary import CALLS
from ...subjects import territory_of
from ...subjects.identifiers import CROSSED
from ...subjects.read import region_of
from ..lookup import hashes_of, setting_of
from ..rules import may_contact
from .briefs.read import read_briefs
from .briefs.shape import NOTHING
from .columns import Texts, np
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
    from .columns import Flags, Ints
    from .rows import Lot

# Classes that are no shape: who is in none, and whoever nothing is kept nor known of.
_NONE: Final = -1
_STRANGER: Final = -2
# The facts of so many are held at once: they are larger than lines.
_FACTS_OF: Final = 1_000
_SECOND: Final = 1_000_000


class Alike:
    """What a run knows of each class: how one of it was answered from the facts.

    Under one configuration, and within one second, the rules answer alike whoever has one
    shape: what a law or a notice says of time it says to the second. So it is kept that long.
    """

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        # Where there the answer of each class is; and those that are told no decision.
        self.places: dict[int, int] = {_NONE: _NONE}
        self.silent: set[int] = set()
        self._when: tuple[Any, ...] = ()

    def at(self, batch: Batch) -> None:
        """Forget what was of another second, or of another configuration."""
        when = (batch.now // _SECOND, batch.configuration.version)
        if self._when != when:
            self.answers, self.places, self.silent = [], {_NONE: _NONE}, set()
            self._when = when

    def learn(self, name: int, answer: Answer) -> None:
        """Remember how one of a class was answered."""
        if not answer.decision:
            self.silent.add(name)
        self.places[name] = len(self.answers)
        self.answers.append(Answer(answer.allowed, *answer[1:3]))


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
        self._classes = np.full(lot.size, _NONE)
        self._begins, self._ends = np.zeros((2, lot.size), np.int64)
        self._texts = b""
        self._whole: dict[int, Answer] = {}

    def answered(self, alike: Alike) -> Answered:
        """Give all answers; whoever has none could not be read."""
        whole, alone = self._whole, np.flatnonzero(self._classes < 0)
        for at in alone.tolist():
            whole.setdefault(at, UNREADABLE)
        self._begins[alone] = self._ends[alone] = 0
        tails = Texts(self._texts, self._begins, self._ends)
        return Answered(self._lot, self._classes, tails, alike.answers, whole)

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
        named, tails = self._sorted(asking, old)
        names, firsts, which = np.unique(named, return_index=True, return_inverse=True)
        firsts = asking.places[firsts]
        new = {
            name: at
            for name, at in zip(names.tolist(), firsts.tolist(), strict=True)
            if name not in alike.places
        }
        left = asking.places[named == _NONE]
        said = self.judge(asking.kind, [*left.tolist(), *new.values()])
        for name, at in new.items():
            alike.learn(name, said[at])
            del self._whole[at]
        places = np.array([alike.places[name] for name in names.tolist()])
        silent = np.array([name in alike.silent for name in names.tolist()])[which]
        self._classes[asking.places] = places[which]
        self._tell(asking.places, tails, silent)

    def _tell(self, places: Ints, tails: Texts, silent: Flags) -> None:
        """Keep the tails of those at some places; of who is told no decision, none."""
        start = len(self._texts)
        self._texts += tails.text
        self._begins[places] = np.where(silent, 0, tails.begins + start)
        self._ends[places] = np.where(silent, len(NOTHING), tails.ends + start)

    def _sorted(self, asking: Asking, old: Collection[int]) -> tuple[Ints, Texts]:
        """Name each one's class by what is kept of her, and give her tail."""
        kept = read_briefs(
            self._tx,
            self._keys.organisation,
            asking.several,
            self._number,
            asks=asking.asks,
            now=self.now,
        )
        which, aged = asking.which, _among(asking.several, old)
        verified = (kept.usable & ~aged)[which] & (kept.rests[which] == asking.rests)
        named = np.where(verified, kept.shapes[which], _NONE)
        strangers = np.flatnonzero((kept.nobody & ~aged)[which])
        named[strangers] = _STRANGER
        named[self._known(asking, strangers.tolist())] = _NONE
        return named, kept.tails.among(which)

    def _known(self, asking: Asking, strangers: Sequence[int]) -> list[int]:
        """Tell which of those without a brief are known for all that: to the facts."""
        hashes: dict[bytes, list[int]] = {}
        places = asking.places[strangers].tolist()
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
            named, text = lot.asked(at)
            if hashed is not None and at not in lot.odd:
                found.append((hashed(text or ""),))
            else:
                found.append(hashes_of(keys, named, text or "", region=self._region)[1])
        return found

    def _placed(self, kind: str, text: str) -> Asked:
        # Call hours are those of where the number asked rings.
        purpose = self._asked.purpose
        if purpose is None or purpose.channel not in CALLS or kind != "phone":
            return self._asked
        return replace(self._asked, territory=territory_of(text, region=self._region))


def _among(several: Ints, old: Collection[int]) -> Flags:
    """Tell which of some numbers, in their order, are among others."""
    found = np.zeros(len(several), bool)
    wanted = np.fromiter(old, np.int64, len(old))
    places = np.searchsorted(several, wanted)
    places[places == len(several)] = 0
    found[places[several[places] == wanted]] = True
    return found


def _said(permission: Permission) -> Answer:
    return Answer(
        allowed=permission.allowed,
        because=permission.because.value,
        regime=permission.regime.value if permission.regime else "",
        decision=public("dec", permission.decision) if permission.decision else "",
        since=rfc3339_micros(permission.since) if permission.since else "",
        expires_at=rfc3339_micros(permission.expires_at) if permission.expires_at else "",
    )
