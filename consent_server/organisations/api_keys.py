"""API keys: made, shown once, given another secret, closed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from ..clock import rfc3339_micros, to_micros
from ..db import Sql, Transaction, as_json
from ..problems import FieldError, MissingScope, NotFound, Unprocessable
from . import key_text, rules
from .audit import audit
from .directory import MAIN_LOG, log_of
from .known import find_key, forget_known
from .models import ApiKey, KeyDirectory
from .values import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from .values import Caller, NewKey

# For so long the secret before the new one is taken too, unless it leaked.
OVERLAP: Final = timedelta(days=1)

_EXISTS: Final = Sql(
    "SELECT closed_at FROM api_key WHERE organisation_id = :organisation AND key_id = :key"
)
_SHOWN: Final = """
    SELECT k.key_id, k.name, k.scopes, k.recorded_at, k.expires_at, k.closed_at,
           k.former_until, k.quotas, k.exposed_at, k.trackers, u.used_at, u.network, u.count
    FROM api_key k LEFT JOIN key_use u
        ON u.organisation_id = k.organisation_id AND u.key_id = k.key_id
    WHERE k.organisation_id = :organisation
"""
_LIST: Final = Sql(f"{_SHOWN} ORDER BY k.recorded_at, k.key_id")
_ONE: Final = Sql(f"{_SHOWN} AND k.key_id = :key")
_CLOSE: Final = Sql(
    "UPDATE api_key SET closed_at = :now WHERE organisation_id = :organisation"
    " AND key_id = :key AND closed_at IS NULL RETURNING key_id"
)
_ROTATE: Final = Sql(
    "UPDATE api_key SET former_hash = secret_hash, former_until = :until, secret_hash = :hash"
    " WHERE organisation_id = :organisation AND key_id = :key"
)
_EXPOSE: Final = Sql(
    "UPDATE api_key SET exposed_at = :now WHERE organisation_id = :organisation"
    " AND key_id = :key AND exposed_at IS NULL RETURNING key_id"
)


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
    quotas = rules.inherited(wanted.quotas, maker.quotas if maker else {})
    _refuse_more_than_the_maker_has(wanted.scopes, quotas, maker)
    _refuse_other_trackers(wanted, maker)
    if wanted.expires_at is not None and wanted.expires_at <= now:
        raise Unprocessable(errors=[FieldError("/expires_at", "it is in the past")])
    text, given = _mint(tx, organisation)
    row = ApiKey(
        organisation_id=organisation,
        key_id=given.key_id,
        name=wanted.name,
        secret_hash=given.secret_hash,
        scopes=sorted(wanted.scopes),
        recorded_at=to_micros(now),
        expires_at=to_micros(wanted.expires_at) if wanted.expires_at else None,
        closed_at=None,
        quotas=quotas or None,
        trackers=sorted(wanted.trackers) or None,
    )
    tx.session.add_all([KeyDirectory(key_id=given.key_id, organisation_id=organisation), row])
    tx.session.flush()
    audit(
        tx,
        organisation=organisation,
        actor=maker.actor if maker else "command line",
        action="key.created",
        target=given.key_id,
        detail={
            "name": wanted.name,
            "scopes": list(row.scopes),
            "quotas": quotas,
            "trackers": sorted(wanted.trackers),
        },
        now=now,
    )
    return text, _one(tx, organisation, given.key_id)


def _mint(
    tx: Transaction, organisation: int, key_id: str | None = None
) -> tuple[str, key_text.GivenKey]:
    text = key_text.mint(sandbox=log_of(tx, organisation) != MAIN_LOG, key_id=key_id)
    given = key_text.read(text)
    if given is None:
        raise ValueError("a new key must be readable")
    return text, given


def _refuse_more_than_the_maker_has(
    scopes: frozenset[Any], quotas: Mapping[str, str], maker: Caller | None
) -> None:
    if maker is None:
        return
    more = rules.more_than(scopes, maker.scopes)
    if more:
        raise MissingScope(
            f"a key cannot give what it does not have: {', '.join(more)}",
            errors=[FieldError("/scopes", f"leave out {', '.join(more)}")],
        )
    faster = rules.faster_than(quotas, maker.quotas)
    if faster:
        raise MissingScope(
            "a key cannot give a rate above its own",
            errors=[
                FieldError(f"/quotas/{name}", f"at most {maker.quotas[name]}")
                for name in faster
            ],
        )


def _refuse_other_trackers(wanted: NewKey, maker: Caller | None) -> None:
    """Let a partner's key make none for trackers that are not its own."""
    if maker is None or Scope.PROOFS in maker.scopes:
        return
    more = sorted(wanted.trackers - maker.trackers)
    if more:
        raise MissingScope(
            "a key cannot give what it does not have",
            errors=[FieldError("/trackers", f"leave out {', '.join(more)}")],
        )


def rotate_key(
    tx: Transaction,
    organisation: int,
    key_id: str,
    *,
    at_once: bool,
    maker: Caller | None,
    now: datetime,
) -> tuple[str, dict[str, Any]]:
    """Give a key another secret; the one before it is taken for a day, unless it leaked.

    Never more than two are: rotated again within the day, the oldest ends. A key gives no
    new secret to one that may more than itself: it would be its own promotion.
    """
    known = find_key(tx, organisation, key_id)
    if known is None:
        raise NotFound
    _refuse_more_than_the_maker_has(frozenset(known.caller.scopes), {}, maker)
    text, given = _mint(tx, organisation, key_id)
    until = to_micros(now) if at_once else to_micros(now + OVERLAP)
    values = {"organisation": organisation, "key": key_id}
    tx.run(_ROTATE, {**values, "hash": given.secret_hash, "until": until})
    forget_known()
    audit(
        tx,
        organisation=organisation,
        actor=maker.actor if maker else "command line",
        action="key.rotated",
        target=key_id,
        detail={"at_once": at_once},
        now=now,
    )
    return text, _one(tx, organisation, key_id)


def keys_listed(tx: Transaction, organisation: int) -> list[dict[str, Any]]:
    """List the keys of an organisation, closed ones too, without a secret."""
    return [_said(row) for row in tx.run(_LIST, {"organisation": organisation})]


def _one(tx: Transaction, organisation: int, key_id: str) -> dict[str, Any]:
    return _said(tx.run(_ONE, {"organisation": organisation, "key": key_id})[0])


def _said(row: tuple[Any, ...]) -> dict[str, Any]:
    key_id, name, scopes, recorded_at, expires_at, closed_at, *more = row
    former_until, quotas, exposed_at, trackers, used_at, network, count = more
    return {
        "id": key_id,
        "name": name,
        "scopes": as_json(scopes),
        "created_at": rfc3339_micros(recorded_at),
        "expires_at": _moment(expires_at),
        "revoked_at": _moment(closed_at),
        "former_secret_until": _moment(former_until),
        "exposed_at": _moment(exposed_at),
        "quotas": as_json(quotas) or {},
        "trackers": as_json(trackers) or [],
        "last_used_at": _moment(used_at),
        "last_used_from": network or None,
        "uses": count or 0,
    }


def _moment(micros: int | None) -> str | None:
    return rfc3339_micros(micros) if micros else None


def revoke_key(
    tx: Transaction, organisation: int, key_id: str, *, actor: str, now: datetime
) -> None:
    """Close a key for good; the same for one that is closed already."""
    values = {"organisation": organisation, "key": key_id}
    if not tx.run(_EXISTS, values):
        raise NotFound
    closed = tx.run(_CLOSE, {**values, "now": to_micros(now)})
    forget_known()
    if closed:
        audit(
            tx,
            organisation=organisation,
            actor=actor,
            action="key.revoked",
            target=key_id,
            now=now,
        )


def expose_key(tx: Transaction, known: Caller, *, now: datetime) -> None:
    """Note, once, that a key was seen in an address."""
    values = {"organisation": known.organisation, "key": known.key_id, "now": to_micros(now)}
    if tx.run(_EXPOSE, values):
        audit(
            tx,
            organisation=known.organisation,
            actor=known.actor,
            action="key.exposed",
            target=known.key_id,
            now=now,
        )
