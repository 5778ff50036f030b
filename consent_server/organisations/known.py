"""Who calls: a key looked up, believed for a second, its former secret taken for a while."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..clock import to_micros
from ..db import Sql, Transaction, as_json, read
from . import key_text
from .kept import Kept
from .values import Caller

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Flask

_OWNER: Final = Sql("SELECT organisation_id FROM key_directory WHERE key_id = :key")
_KEY: Final = Sql(
    "SELECT secret_hash, scopes, expires_at, closed_at, former_hash, former_until, quotas,"
    " trackers"
    " FROM api_key WHERE organisation_id = :organisation AND key_id = :key"
)


@dataclass(frozen=True)
class KnownKey:
    """A key that exists: whose, what it may do, by which secrets, and until when."""

    caller: Caller
    secret_hash: bytes
    expires_at: int | None
    former_hash: bytes | None = None
    former_until: int = 0

    def opened_by(self, given: key_text.GivenKey, now: int) -> bool:
        """Tell whether the secret is the key's own, or the one before it in its last days."""
        if hmac.compare_digest(self.secret_hash, given.secret_hash):
            return True
        former = self.former_hash
        return (
            former is not None
            and now < self.former_until
            and hmac.compare_digest(former, given.secret_hash)
        )


_kept: Final = Kept[KnownKey]("api-keys")


def holder(text: str, *, now: datetime) -> Caller | None:
    """Tell who calls with this key; None if it is unknown, closed or expired.

    What is found is believed for a second: a revoked key dies within it everywhere. A
    secret that does not fit may be newer than that, and is looked up again.
    """
    given = key_text.read(text)
    if given is None:
        return None
    moment = to_micros(now)
    known = _kept.get(given.key_id, lambda: _find(given.key_id))
    if known is not None and not known.opened_by(given, moment):
        known = _kept.renew(given.key_id, lambda: _find(given.key_id))
    return _in_force(known, given, moment)


def holder_kept(app: Flask, text: str, *, now: datetime) -> Caller | None:
    """Tell who calls, if that was learnt within the last second; asks the database nothing."""
    # Not read first: what has the hash of a known key is that key, checksum and all.
    given = key_text.take(text)
    return _in_force(_kept.fresh(app, given.key_id), given, to_micros(now))


def forget_known() -> None:
    """Drop what this process believes of keys, so that it sees what it has just changed."""
    _kept.forget()


def _in_force(known: KnownKey | None, given: key_text.GivenKey, now: int) -> Caller | None:
    if known is None or not known.opened_by(given, now):
        return None
    if known.expires_at is not None and now >= known.expires_at:
        return None
    return known.caller


def owner_of_key(tx: Transaction, key_id: str) -> int | None:
    """Tell whose key this is; read outside the wall."""
    rows = tx.run(_OWNER, {"key": key_id})
    return int(rows[0][0]) if rows else None


def find_key(tx: Transaction, organisation: int, key_id: str) -> KnownKey | None:
    """Find a key that is not closed."""
    rows = tx.run(_KEY, {"organisation": organisation, "key": key_id})
    if not rows or rows[0][3] is not None:
        return None
    secret_hash, scopes, expires_at, _, former_hash, former_until, *more = rows[0]
    quotas, trackers = map(as_json, more)
    caller = Caller(
        organisation,
        key_id,
        frozenset(as_json(scopes)),
        quotas or {},
        frozenset(trackers or ()),
    )
    former = bytes(former_hash) if former_hash else None
    return KnownKey(caller, bytes(secret_hash), expires_at, former, former_until or 0)


def _find(key_id: str) -> KnownKey | None:
    with read() as outside:
        organisation = owner_of_key(outside, key_id)
    if organisation is None:
        return None
    with read(organisation) as tx:
        return find_key(tx, organisation, key_id)
