"""A retry is answered and not repeated: `Idempotency-Key`, kept for thirty days.

The first answer is written in the transaction of the act it answers, so that neither can
exist without the other. Keys and bodies are kept as keyed hashes: a body holds addresses, a
caller may have put one in a key, and a plain hash of an address is soon guessed.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import rfc8785
from flask import request

from ..clock import rfc3339, to_micros
from ..db import Sql, as_json, to_json
from ..problems import Problem, Unprocessable
from . import current

if TYPE_CHECKING:
    from ..db import Transaction

KEPT: Final = timedelta(days=30)
_MARGIN: Final = timedelta(minutes=1)
REPLAYED: Final = "Idempotent-Replayed"
Answer = tuple[int, dict[str, Any]]

_KEY: Final = re.compile(
    r'"(?P<quoted>[\x21\x23-\x5b\x5d-\x7e]{1,255})"|(?P<bare>[\x21\x23-\x7e]{1,255})'
)


class KeyReused(Unprocessable):
    """The same Idempotency-Key came with another body."""

    code = "idempotency_key_reused"
    title = "The Idempotency-Key was used for another body"


def key_sent() -> str | None:
    """Read the request's `Idempotency-Key`, quoted or bare; None if it has none."""
    sent = request.headers.get("Idempotency-Key")
    if sent is None:
        return None
    found = _KEY.fullmatch(sent.strip())
    if found is None:
        raise Problem("the Idempotency-Key must be 1 to 255 printable ASCII characters")
    return found["quoted"] or found["bare"]


def once(
    tx: Transaction,
    *,
    organisation: int,
    caller_key_id: str,
    route: str,
    key: str | None,
    body: Mapping[str, Any],
    now: datetime,
    act: Callable[[], Answer],
) -> tuple[int, dict[str, Any], bool]:
    """Act once per key; gives the first answer again, marked, to a retry of the same body.

    Another body under the same key raises `KeyReused`. An act that raises leaves no trace,
    so the retry of a refused request is tried again.
    """
    if key is None:
        return *act(), False
    place = {
        "organisation": organisation,
        "key_hash": _hash(caller_key_id, route, key),
    }
    mine = fingerprint(body)
    if not _claim(tx, place, mine, route, to_micros(now)):
        return *_first_answer(tx, place, mine), True
    status, answer = act()
    tx.run(_KEEP, {**place, "status": status, "body": to_json(answer)})
    return status, answer, False


def is_kept(
    tx: Transaction, *, organisation: int, caller_key_id: str, route: str, now: datetime
) -> bool:
    """Tell whether this request's key has an answer that stays for a minute at least."""
    key = key_sent()
    if key is None:
        return False
    values = {"organisation": organisation, "key_hash": _hash(caller_key_id, route, key)}
    since = to_micros(now - KEPT + _MARGIN)
    return bool(tx.run(_IS_KEPT, {**values, "since": since}))


def forget(tx: Transaction, organisation: int, now: datetime) -> None:
    """Delete the keys whose thirty days are over."""
    tx.run(_FORGET, {"organisation": organisation, "before": to_micros(now - KEPT)})


def fingerprint(body: Mapping[str, Any]) -> bytes:
    """Hash a loaded body so that equal bodies, however written, are equal."""
    return _keyed(b"body|", rfc8785.dumps(_plain(body)))


def _claim(
    tx: Transaction, place: Mapping[str, Any], mine: bytes, route: str, now: int
) -> bool:
    # One statement decides who acts. A second caller with the key waits here for the
    # first one's commit (PostgreSQL), or has waited already for its turn (SQLite).
    row = {
        **place,
        "fingerprint": mine,
        "route": route,
        "now": now,
        "before": now - int(KEPT.total_seconds()) * 1_000_000,
    }
    return bool(tx.run(_CLAIM, row))


def _first_answer(tx: Transaction, place: Mapping[str, Any], mine: bytes) -> Answer:
    ((stored, status, body),) = tx.run(_ANSWER, place)
    if bytes(stored) != mine:
        raise KeyReused("use a new key for a new request")
    return status, as_json(body)


def _hash(caller: str, route: str, key: str) -> bytes:
    return _keyed(b"key|", f"{caller}|{route}|{key}".encode())


def _keyed(what: bytes, text: bytes) -> bytes:
    return hmac.digest(current.keyring().derive("idempotency"), what + text, "sha256")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return rfc3339(value)
    # An id loads as a number that JSON's canonical form cannot hold exactly.
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


_CLAIM: Final = Sql(
    """
    INSERT INTO idempotency
        (organisation_id, key_hash, fingerprint, status, body, recorded_at, route)
    VALUES (:organisation, :key_hash, :fingerprint, 0, '{}', :now, :route)
    ON CONFLICT (organisation_id, key_hash) DO UPDATE
        SET fingerprint = excluded.fingerprint, recorded_at = excluded.recorded_at
        WHERE idempotency.recorded_at <= :before
    RETURNING 1
    """
)
_KEEP: Final = Sql(
    "UPDATE idempotency SET status = :status, body = :body"
    " WHERE organisation_id = :organisation AND key_hash = :key_hash"
)
_ANSWER: Final = Sql(
    "SELECT fingerprint, status, body FROM idempotency"
    " WHERE organisation_id = :organisation AND key_hash = :key_hash"
)
_IS_KEPT: Final = Sql(
    "SELECT 1 FROM idempotency WHERE organisation_id = :organisation"
    " AND key_hash = :key_hash AND recorded_at > :since"
)
_FORGET: Final = Sql(
    "DELETE FROM idempotency WHERE organisation_id = :organisation AND recorded_at <= :before"
)


def answered(
    tx: Transaction,
    *,
    organisation: int,
    caller_key_id: str,
    route: str,
    body: Mapping[str, Any],
    now: datetime,
    act: Callable[[], Answer],
) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Act once for this request's key, as a view's answer."""
    status, answer, replayed = once(
        tx,
        organisation=organisation,
        caller_key_id=caller_key_id,
        route=route,
        key=key_sent(),
        body=body,
        now=now,
        act=act,
    )
    return answer, status, {REPLAYED: "true"} if replayed else {}
