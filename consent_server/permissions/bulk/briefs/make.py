"""Making: the briefs of subjects, from the facts; one under every digest of an identifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ....db import Sql
from ....subjects.identifiers import CROSSED
from ...gather import read_facts
from ...values import Facts
from .gather import Found
from .mark import KINDS, digests_of, marks
from .shape import ALWAYS, is_plain, known
from .stood import Stood

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ....db import Transaction
    from ....keyring import OrganisationKeys
    from ...values import Setting
    from .gather import Held, Raw
    from .shape import Known

# Who may ask for it: by the identifier itself, by its SHA-256.
BY_NAME: Final = 1
BY_SHA256: Final = 2
# It is an identifier's own digest, not one of its other forms.
_OWN: Final = 4
_SUPPRESSED: Final = Sql(
    """
    SELECT c.hash, c.suppressed FROM json_each(:several) k
    CROSS JOIN suppressed_hash c ON c.organisation_id = :organisation
        AND c.hash = unhex(k.value)
    """,
    """
    SELECT hash, suppressed FROM suppressed_hash
    WHERE organisation_id = :organisation AND hash = ANY(:several)
    """,
)


class Brief(NamedTuple):
    """What is kept under one number.

    One that nobody may ask for says that something is known there: it is in the facts.
    """

    key: int
    asks: int
    since: int
    until: int
    said: str


def make(
    tx: Transaction,
    keys: OrganisationKeys,
    subjects: Sequence[int],
    setting: Setting,
    now: int,
) -> list[Brief]:
    """Make what there is to keep of subjects; `agreed` puts together what has one number."""
    return _Making(tx, keys, subjects, setting, now).all()


def agreed(several: Iterable[Brief]) -> list[Brief]:
    """Give one brief for each number, in their order.

    A digest that two identifiers have names neither: who asks by it is answered from the
    facts. Who asks by the identifier itself is not, if it is only one that has it for its own.
    """
    found: list[Brief] = []
    for each in sorted(several):
        if found and found[-1].key == each.key:
            found[-1] = _both(found[-1], each)
        else:
            found.append(each)
    return [each._replace(asks=each.asks & ~_OWN) for each in found]


def _both(one: Brief, other: Brief) -> Brief:
    if one.asks & _OWN and other.asks & _OWN:
        return one._replace(asks=_OWN)
    own = one if one.asks & _OWN else other
    return own._replace(asks=own.asks & ~BY_SHA256)


class _Making:
    """What one making needs."""

    def __init__(
        self,
        tx: Transaction,
        keys: OrganisationKeys,
        subjects: Sequence[int],
        setting: Setting,
        now: int,
    ) -> None:
        self._tx, self._keys, self._setting, self._now = tx, keys, setting, now
        self._found = Found(tx, keys.organisation, subjects)
        # Of whom nothing is known but what they chose: most.
        self._bare = known(Facts(known=True), setting, now)
        self._of_subject: dict[int, Known | None] = {}
        self._stood = Stood()

    def all(self) -> list[Brief]:
        held = [each for each in self._found.held if each.kind in KINDS]
        digests = [self._digests(each) for each in held]
        flat = b"".join([each for several in digests for each in several])
        keys, rests = marks(self._keys, flat)
        suppressed = self._suppressed(held, digests)
        made: list[Brief] = []
        at = 0
        for each, several in zip(held, digests, strict=True):
            told = self._told(each)
            for digest in several:
                asks = _OWN if digest is several[0] else 0
                if told is None:
                    made.append(Brief(keys[at], asks, *ALWAYS, rests[at]))
                else:
                    asks |= BY_NAME if asks else 0
                    if each.kind != "external_id" and digest not in suppressed:
                        asks |= BY_SHA256
                    about, said = told
                    said = rests[at] + said
                    made.append(Brief(keys[at], asks, about.since, about.until, said))
                at += 1
        return made

    def _digests(self, held: Held) -> Sequence[bytes]:
        text = self._keys.unseal(bytes(held.sealed), "identifier", held.id).decode()
        return digests_of(held.kind, text)

    def _suppressed(
        self, held: Sequence[Held], digests: Sequence[Sequence[bytes]]
    ) -> frozenset[bytes]:
        """Name the digests under which anybody but their holder was ever suppressed."""
        hashed = self._keys.hasher(CROSSED)
        crossed = {
            hashed(digest.hex()): (digest, bytes(each.hash))
            for each, several in zip(held, digests, strict=True)
            if each.kind != "external_id"
            for digest in several
        }
        organisation = self._keys.organisation
        values = {"organisation": organisation, "several": self._tx.several(sorted(crossed))}
        found = [(crossed[bytes(row[0])], row[1]) for row in self._tx.run(_SUPPRESSED, values)]
        return frozenset(digest for (digest, own), other in found if bytes(other) != own)

    def _told(self, held: Held) -> tuple[Known, str] | None:
        """Write what stands for each purpose; None of whoever is not plain."""
        about = self._known(held)
        if about is None:
            return None
        rows = self._found.standing(held.subject)
        return about, self._stood.write(rows, held.id, about.said)

    def _known(self, held: Held) -> Known | None:
        if held.shared or held.linked:
            return None
        facts, stopped = self._found.facts(held.subject), self._found.stopped(held)
        if stopped:
            return self._read(held, facts, stopped)
        if not facts:
            return self._bare
        # Nothing of her own stops one of her identifiers: all of them are known alike.
        if held.subject not in self._of_subject:
            self._of_subject[held.subject] = self._read(held, facts, stopped)
        return self._of_subject[held.subject]

    def _read(self, held: Held, facts: Sequence[Raw], stopped: Sequence[Raw]) -> Known | None:
        told = Facts(
            known=True, identifiers=frozenset((held.id,)), **read_facts(facts, stopped)
        )
        return known(told, self._setting, self._now) if is_plain(told) else None
