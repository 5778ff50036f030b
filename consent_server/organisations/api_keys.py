"""API keys: made, shown once, looked up, closed."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..clock import from_micros, rfc3339_micros, to_micros
from ..db import Sql, Transaction, as_json, read
from ..problems import FieldError, MissingScope, NotFound, Unprocessable
from . import key_text
from .audit import audit
from .directory import MAIN_LOG, log_of
from .kept import Kept
from .models import ApiKey, KeyDirectory
from .values import Caller, NewKey, Scope

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from flask import Flask

_OWNER: Final = Sql("SELECT organisation_id FROM key_directory WHERE key_id = :key")
_KEY: Final = Sql(
    "SELECT secret_hash, scopes, expires_at, closed_at FROM api_key"
    " WHERE organisation_id = :organisation AND key_id = :key"
)
_LIST: Final = Sql(
    "SELECT key_id, name, scopes, recorded_at, expires_at, closed_at FROM api_key"
    " WHERE organisation_id = :organisation ORDER BY recorded_at, key_id"
)
_CLOSE: Final = Sql(
    "UPDATE api_key SET closed_at = :now WHERE organisation_id = :organisation"
    " AND key_id = :key AND closed_at IS NULL RETURNING key_id"
)


@dataclass(frozen=True)
class KnownKey:
    """A key that exists: whose, what it may do, and until when."""

    caller: Caller
    secret_hash: bytes
    expires_at: int | None


_kept: Final = Kept[KnownKey]("api-keys")


def create_key(
    tx: Transaction,
    organisation: int,
    wanted: NewKey,
    *,
    maker: Caller | None,
    now: datetime,
) -> tuple[str, dict[str, Any]]:
    """Make a key; gives its text, which is never seen again, and its row as shown.

    `maker` is the key that asks for it, None for the command line, which may all.
    """
    _refuse_more_than_the_maker_has(wanted.scopes, maker)
    if wanted.expires_at is not None and wanted.expires_at <= now:
        raise Unprocessable(errors=[FieldError("/expires_at", "it is in the past")])
    text = key_text.mint(sandbox=log_of(tx, organisation) != MAIN_LOG)
    given = key_text.read(text)
    if given is None:
        raise ValueError("a new key must be readable")
    row = ApiKey(
        organisation_id=organisation,
        key_id=given.key_id,
        name=wanted.name,
        secret_hash=given.secret_hash,
        scopes=sorted(wanted.scopes),
        recorded_at=to_micros(now),
        expires_at=to_micros(wanted.expires_at) if wanted.expires_at else None,
        closed_at=None,
    )
    tx.session.add_all([KeyDirectory(key_id=given.key_id, organisation_id=organisation), row])
    tx.session.flush()
    audit(
        tx,
        organisation=organisation,
        actor=maker.actor if maker else "command line",
        action="key.created",
        target=given.key_id,
        detail={"name": wanted.name, "scopes": list(row.scopes)},
        now=now,
    )
    shown = (row.key_id, row.name, row.scopes, row.recorded_at, row.expires_at, None)
    return text, _said(shown)


def _refuse_more_than_the_maker_has(scopes: Collection[Scope], maker: Caller | None) -> None:
    if maker is None:
        return
    more = sorted(set(scopes) - maker.scopes)
    if more:
        raise MissingScope(
            f"a key cannot give what it does not have: {', '.join(more)}",
            errors=[FieldError("/scopes", f"leave out {', '.join(more)}")],
        )


def keys_listed(tx: Transaction, organisation: int) -> list[dict[str, Any]]:
    """List the keys of an organisation, closed ones too, without a secret."""
    return [_said(row) for row in tx.run(_LIST, {"organisation": organisation})]


def _said(row: tuple[Any, ...]) -> dict[str, Any]:
    key_id, name, scopes, recorded_at, expires_at, closed_at = row
    return {
        "id": key_id,
        "name": name,
        "scopes": as_json(scopes),
        "created_at": rfc3339_micros(recorded_at),
        "expires_at": rfc3339_micros(expires_at) if expires_at else None,
        "revoked_at": rfc3339_micros(closed_at) if closed_at else None,
    }


def revoke_key(
    tx: Transaction, organisation: int, key_id: str, *, actor: str, now: datetime
) -> None:
    """Close a key for good; the same for one that is closed already."""
    values = {"organisation": organisation, "key": key_id}
    if not tx.run(_KEY, values):
        raise NotFound
    closed = tx.run(_CLOSE, {**values, "now": to_micros(now)})
    _kept.forget()
    if closed:
        audit(
            tx,
            organisation=organisation,
            actor=actor,
            action="key.revoked",
            target=key_id,
            now=now,
        )


def holder(text: str, *, now: datetime) -> Caller | None:
    """Tell who calls with this key; None if it is unknown, closed or expired.

    What is found is believed for a second: a revoked key dies within it everywhere.
    """
    given = key_text.read(text)
    if given is None:
        return None
    return _in_force(_kept.get(given.key_id, lambda: _find(given.key_id)), given, now)


def holder_kept(app: Flask, text: str, *, now: datetime) -> Caller | None:
    """Tell who calls, if that was learnt within the last second; asks the database nothing."""
    # Not read first: what has the hash of a known key is that key, checksum and all.
    given = key_text.take(text)
    return _in_force(_kept.fresh(app, given.key_id), given, now)


def _in_force(known: KnownKey | None, given: key_text.GivenKey, now: datetime) -> Caller | None:
    if known is None or not hmac.compare_digest(known.secret_hash, given.secret_hash):
        return None
    if known.expires_at is not None and now >= from_micros(known.expires_at):
        return None
    return known.caller


def owner_of_key(tx: Transaction, key_id: str) -> int | None:
    """Tell whose key this is; read outside the wall."""
    rows = tx.run(_OWNER, {"key": key_id})
    return int(rows[0][0]) if rows else None


def _find(key_id: str) -> KnownKey | None:
    with read() as outside:
        organisation = owner_of_key(outside, key_id)
    if organisation is None:
        return None
    with read(organisation) as tx:
        rows = tx.run(_KEY, {"organisation": organisation, "key": key_id})
    if not rows or rows[0][3] is not None:
        return None
    secret_hash, scopes, expires_at, _ = rows[0]
    caller = Caller(organisation, key_id, frozenset(as_json(scopes)))
    return KnownKey(caller, bytes(secret_hash), expires_at)
