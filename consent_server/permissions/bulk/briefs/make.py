"""Making: the briefs of subjects, from the facts; one under every digest of an identifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ....db import Sql
from ....decisions.rules import stands
from ....subjects.identifiers import CROSSED
from ...gather import read_facts
from ...values import Facts
from .gather import Found
from .mark import KINDS, digests_of, marks
from .shape import ALWAYS, MARK, is_plain, known, purpose_name, shape_of, tail_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ....db import Transaction
    from ....keyring import OrganisationKeys
    from ...values import Setting
    from .gather import Held
    from .shape import Known

# Who may ask for it: by the identifier itself, by its SHA-256.
BY_NAME: Final = 1
BY_SHA256: Final = 2
# It is an identifier's own digest, not one of its other forms.
_OWN: Final = 4
_EVER_SUPPRESSED: Final = Sql(
    """
    SELECT c.hash FROM json_each(:several) k
    CROSS JOIN suppressed_hash c ON c.organisation_id = :organisation
        AND c.hash = unhex(k.value)
    """,
    """
    SELECT hash FROM suppressed_hash
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
                    made.append(
                        Brief(keys[at], asks, about.since, about.until, rests[at] + said)
                    )
                at += 1
        return made

    def _digests(self, held: Held) -> Sequence[bytes]:
        text = self._keys.unseal(bytes(held.sealed), "identifier", held.id).decode()
        return digests_of(held.kind, text)

    def _suppressed(
        self, held: Sequence[Held], digests: Sequence[Sequence[bytes]]
    ) -> frozenset[bytes]:
        """Name the digests that were ever suppressed, by whomever."""
        hashed = self._keys.hasher(CROSSED)
        crossed = {
            hashed(digest.hex()): digest
            for each, several in zip(held, digests, strict=True)
            if each.kind != "external_id"
            for digest in several
        }
        organisation = self._keys.organisation
        values = {"organisation": organisation, "several": self._tx.several(sorted(crossed))}
        found = self._tx.run(_EVER_SUPPRESSED, values)
        return frozenset(crossed[bytes(row[0])] for row in found)

    def _told(self, held: Held) -> tuple[Known, str] | None:
        """Write what stands for each purpose; None of whoever is not plain."""
        about = self._known(held)
        if about is None:
            return None
        mine = frozenset((held.id,))
        parts = [shape_of(stands((), mine, alone=False), about.said)]
        for purpose, rows in self._found.standing(held.subject).items():
            stood = stands(rows, mine, alone=False)
            parts.append(
                f"{purpose_name(purpose)}{shape_of(stood, about.said)}{tail_of(stood)}"
            )
        parts[1:] = sorted(parts[1:])
        return about, MARK.join(parts)

    def _known(self, held: Held) -> Known | None:
        if held.shared or held.linked:
            return None
        facts, stopped = self._found.facts(held.subject), self._found.stopped(held)
        if not facts and not stopped:
            return self._bare
        told = Facts(
            known=True, identifiers=frozenset((held.id,)), **read_facts(facts, stopped)
        )
        return known(told, self._setting, self._now) if is_plain(told) else None
