"""A snapshot for whoever must answer while we are away: those allowed, hashed, dated, signed.

Of those allowed, and not of those who are not: whoever was erased is known by a keyed hash
alone, under a key that must not leave; and whoever is not in the file is a no. What time alone
would end before the snapshot's own end is a no from the beginning (docs/decisions/0036).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from ... import notices
from ...clock import rfc3339, to_micros
from ...db import Sql, snapshot
from ...ids import public
from ...problems import Unprocessable
from ...subjects import identify
from ...subjects.read import region_of
from ..lookup import find_purpose, setting_of
from ..rules import may_contact
from ..values import Asked
from .briefs.fresh import Fresh
from .briefs.read import may_read, sort
from .gather_many import gather_many

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ...db import Transaction
    from ...notices.values import Configuration, Purpose
    from .order import Deployment

MEDIA: Final = "application/octet-stream"
TYPE: Final = "consent-snapshot+jwt"
HASH_BYTES: Final = 16
LONGEST: Final = 24 * 3600
_KIND: Final = "email"
_KEY_BYTES: Final = 32
_PARTS: Final = 256
_AT_ONCE: Final = 5_000
_NEXT: Final = Sql(
    "SELECT hash, id, sealed FROM identifier WHERE organisation_id = :organisation"
    " AND hash > :after AND kind = 'email' AND closed_at IS NULL ORDER BY hash LIMIT :most"
)


class Snapshot:
    """Those who may be written to for one purpose, as of one moment; made by `make`."""

    def __init__(
        self, here: Deployment, purpose: str, channel: str | None, max_age: int
    ) -> None:
        self._here, self._name, self._channel = here, purpose, channel
        self._key = secrets.token_bytes(_KEY_BYTES)
        self._parts = [bytearray() for _ in range(_PARTS)]
        self._age = timedelta(seconds=max_age)
        self.statement = ""
        self.count = 0

    def make(self, told: Callable[[int], object] = lambda _: None) -> Iterator[bytes]:
        """Make it, then give it in blocks; refuses a purpose that e-mail does not serve."""
        organisation, now = self._here.keys.organisation, self._here.clock()
        with snapshot(organisation) as tx:
            configuration = notices.configuration(tx, organisation)
            purpose = self._purpose(configuration)
            judge = _Judge(
                tx,
                configuration,
                Asked(name=self._name, purpose=purpose, channel=self._channel),
                (to_micros(now), to_micros(now + self._age)),
            )
            self._collect(tx, judge, told)
        digest = hashlib.sha256()
        for number, part in enumerate(self._parts):
            several = [part[at : at + HASH_BYTES] for at in range(0, len(part), HASH_BYTES)]
            self._parts[number] = bytearray(b"".join(sorted(several)))
            digest.update(self._parts[number])
        said: dict[str, Any] = {
            "v": 1,
            "kind": "snapshot",
            "organisation": public("org", organisation),
            "purpose": purpose.slug,
            "channel": purpose.channel,
            "identifier": _KIND,
            "as_of": rfc3339(now),
            "until": rfc3339(now + self._age),
            "key": base64.b64encode(self._key).decode(),
            "count": self.count,
            "sha256": digest.hexdigest(),
        }
        self.statement = self._here.signer.sign_statement(said, TYPE)
        return self._blocks()

    def _blocks(self) -> Iterator[bytes]:
        yield self.statement.encode() + b"\n"
        for part in self._parts:
            if part:
                yield bytes(part)

    def _purpose(self, configuration: Configuration) -> Purpose:
        purpose = find_purpose(configuration, self._name, self._channel)
        setting = setting_of(configuration)
        fits = purpose is not None and purpose.channel == _KIND and may_read(purpose, setting)
        if purpose is None or not fits:
            raise Unprocessable.at(
                "/purpose", "name one purpose of e-mail, which no hours or frequency bound"
            )
        return purpose

    def _collect(self, tx: Transaction, judge: _Judge, told: Callable[[int], object]) -> None:
        keys, after = self._here.keys, b""
        while True:
            values = {"organisation": keys.organisation, "after": after, "most": _AT_ONCE}
            found = tx.run(_NEXT, values)
            if not found:
                return
            after = bytes(found[-1][0])
            yes = judge.allowed([bytes(row[0]) for row in found])
            for hashed, number, sealed in found:
                if bytes(hashed) in yes:
                    text = keys.unseal(bytes(sealed), "identifier", number).decode()
                    self._add(identify(_KIND, text, region=judge.region).match)
            told(len(found))

    def _add(self, match: str) -> None:
        hashed = hmac.digest(self._key, match.encode(), "sha256")[:HASH_BYTES]
        self._parts[hashed[0]] += hashed
        self.count += 1


class _Judge:
    """Judges many at two moments: whoever is not allowed at both is not."""

    def __init__(
        self,
        tx: Transaction,
        configuration: Configuration,
        asked: Asked,
        moments: tuple[int, int],
    ) -> None:
        self._tx, self._organisation = tx, configuration.organisation
        self._asked, self._moments = asked, moments
        self._setting = setting_of(configuration)
        self._number = asked.purpose.id if asked.purpose else 0
        self._old = Fresh(self._organisation).old(tx, self._setting)
        self.region = region_of(configuration)

    def allowed(self, hashes: Sequence[bytes]) -> set[bytes]:
        """Name those who may be written to now, and still at the end."""
        asked = {place: (hashed,) for place, hashed in enumerate(hashes)}
        both = [self._at(asked, moment) for moment in self._moments]
        return {hashes[place] for place in both[0] & both[1]}

    def _at(self, asked: Mapping[int, Sequence[bytes]], moment: int) -> set[int]:
        if self._old is None:
            return self._by_facts(asked, moment)
        found = sort(
            self._tx, self._organisation, self._number, asked, old=self._old, now=moment
        )
        firsts = [several[0][0] for several in found.alike.values()]
        yes = self._by_facts({at: asked[at] for at in [*found.left, *firsts]}, moment)
        for first, several in zip(firsts, found.alike.values(), strict=True):
            if first in yes:
                yes.update(place for place, _ in several)
        return yes

    def _by_facts(self, asked: Mapping[int, Sequence[bytes]], moment: int) -> set[int]:
        yes: set[int] = set()
        if not asked:
            return yes
        found = gather_many(
            self._tx,
            self._organisation,
            _KIND,
            list(asked.values()),
            purpose=self._number,
            version=0,
        )
        for place, each in zip(asked, found, strict=True):
            facts = each.about(self._number)
            # A message meanwhile may use up what a cap leaves.
            if (
                not facts.caps
                and may_contact(facts, self._asked, self._setting, moment).allowed
            ):
                yes.add(place)
        return yes
