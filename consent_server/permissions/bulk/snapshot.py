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
from ...clock import rfc3339
from ...db import Sql, snapshot
from ...ids import public
from ...problems import Unprocessable
from ...subjects import identify
from ...subjects.read import region_of
from ..lookup import find_purpose, setting_of
from ..values import Asked
from .asking import asking
from .batch import Alike, Batch
from .briefs.fresh import Fresh
from .briefs.read import may_read
from .rows import Row, lot_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from ...db import Transaction
    from ...keyring import OrganisationKeys
    from ...notices.values import Configuration, Purpose
    from .order import Deployment
    from .rows import Lot

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
                self._here.keys,
                configuration,
                Asked(name=self._name, purpose=purpose, channel=self._channel),
                (now, now + self._age),
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
            texts = [
                keys.unseal(bytes(sealed), "identifier", number).decode()
                for _, number, sealed in found
            ]
            lot = lot_of([Row(b"", text, _KIND) for text in texts])
            for place in judge.allowed(lot):
                self._add(identify(_KIND, texts[place], region=judge.region).match)
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
        keys: OrganisationKeys,
        configuration: Configuration,
        asked: Asked,
        moments: tuple[datetime, datetime],
    ) -> None:
        self._tx, self._keys, self._configuration = tx, keys, configuration
        self._asked, self._moments = asked, moments
        self._old = Fresh(keys).old(tx, setting_of(configuration))
        self.region = region_of(configuration)

    def allowed(self, lot: Lot) -> list[int]:
        """Give the places of those who may be written to now, and still at the end."""
        first, last = (self._at(lot, moment) for moment in self._moments)
        return sorted({*first} & {*last})

    def _at(self, lot: Lot, moment: datetime) -> Iterable[int]:
        batch = Batch(
            self._tx, self._keys, lot, self._asked, self._configuration, moment, cautious=True
        )
        # Time is another with each.
        alike = Alike()
        for each in asking(self._keys, lot, self.region):
            if self._old is None:
                batch.judge(each.kind, each.places.tolist())
            else:
                batch.answer_alike(each, self._old, alike)
        places: list[int] = batch.answered(alike).places("allowed").tolist()
        return places
