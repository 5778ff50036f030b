"""Many people at once: whoever a long list names, found by one question, made together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .facts import Given
from .found import find_many
from .prove import prove_facts
from .resolve import Held, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from .facts import Told
    from .identifiers import Identified

Place = tuple[str, str]


class Crowd:
    """Whoever a list of identifiers names: each is asked about once, whatever the length."""

    def __init__(
        self, tx: Transaction, keys: OrganisationKeys, every: Iterable[Identified], *, now: int
    ) -> None:
        self.tx, self.keys, self.now = tx, keys, now
        self._held = self._find({(one.kind, one.match): one for one in every})

    def _find(self, every: dict[Place, Identified]) -> dict[Place, list[Held]]:
        keys = self.keys
        # Newest version first, as `find` has it.
        versions = sorted(keys.index_keys, reverse=True)
        mine = {
            (one.kind, keys.index(one.kind, one.match, version)): place
            for version in reversed(versions)
            for place, one in every.items()
        }
        hashes = sorted({hashed for _, hashed in mine})
        held: dict[Place, list[Held]] = {place: [] for place in every}
        for one in find_many(self.tx, keys.organisation, hashes):
            place = mine.get((one.kind, one.hash))
            if place is not None:
                who = Held(one.identifier, one.subject, one.person, one.shared, every[place])
                held[place].append(who)
        return held

    def meet(self, given: Sequence[Identified], told: Told, *, key: str | None) -> Held:
        """Find, or make, whoever these name; gives the holder of the first of them.

        Whoever is new has a leaf, as everybody has; raises `IdentifiersDisagree`.
        """
        first = self._held[given[0].kind, given[0].match]
        if len(given) == 1 and len(first) == 1 and not first[0].shared:
            return first[0]
        keys = self.keys
        held = [self._held[one.kind, one.match] for one in given]
        who = resolve(
            self.tx, keys, given, organisation=keys.organisation, now=self.now, held=held
        )
        for each in who.identifiers:
            place = (each.given.kind, each.given.match)
            others = [one for one in self._held[place] if one.id != each.id]
            self._held[place] = [*others, each]
        prove_facts(self.tx, keys, who, Given(), told, written=[], key=key, now=self.now)
        return who.identifiers[0]
