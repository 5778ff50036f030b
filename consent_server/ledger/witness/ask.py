"""Asking witnesses: each is shown how our log goes on, and what it signs is kept.

A witness that is away, or refuses, costs nothing but its signature: entries wait for it, and
are said to. Nothing is ever signed in its place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import structlog

from ...db import Sql, read, write
from ...outgoing import CallFailed, RefusedAddress
from ...problems import RefusedToStart
from ..checkpoint import Checkpoint, checkpoint_body
from ..merkle import prove_consistency
from ..note import (
    COSIGNATURE,
    KeyTextError,
    NoteError,
    cosigned_at,
    open_note,
    parse_vkey,
    signature_line,
)
from ..signer import MAIN_LOG
from ..stored import read_head, read_tiles
from ..tiles import reader_of, tiles_for_consistency
from .asked import Asked, write_asked
from .kept import last_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...clock import Clock
    from ...config import Settings
    from ...outgoing import Answer
    from ...outgoing.calls import Calls
    from ..note import Signature, VerifierKey
    from ..stored import StoredHead

_log: Final = structlog.get_logger()
_AGAIN: Final = timedelta(minutes=1)
# A witness whose clock differs from ours by more than this is not believed.
_FARTHEST: Final = timedelta(minutes=5)
_SIZE: Final = "text/x.tlog.size"
_COSIGNED: Final = Sql(
    "INSERT INTO ledger_cosignature (origin, size, witness, line, checkpoint, cosigned_at)"
    " VALUES (:origin, :size, :witness, :line, :checkpoint, :cosigned_at)"
    " ON CONFLICT (origin, size, witness) DO NOTHING"
)
_KEEP: Final = Sql(
    "UPDATE ledger_checkpoint SET because = 'cosigned'"
    " WHERE log = :log AND size = :size AND because = 'published'"
)


class NotCosigned(Exception):
    """The witness gave no signature; `reason` is a word for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Address:
    """A witness: where it is asked, and the key it signs with."""

    url: str
    key: VerifierKey


@dataclass
class Asker:
    """Has the main log's heads cosigned, from one thread."""

    clock: Clock
    calls: Calls
    witnesses: Sequence[Address]
    every: timedelta
    # Hears how each asking ended.
    count: Callable[[str], None] = lambda _: None
    # Until when each is left alone.
    waiting: dict[str, datetime] = field(default_factory=dict)

    def pass_once(self) -> int:
        """Ask who is due; gives how many signatures were given."""
        with read() as tx:
            head = read_head(tx, MAIN_LOG)
        if head is None:
            return 0
        return sum(self._ask(head, each) for each in self.witnesses)

    def _ask(self, head: StoredHead, witness: Address) -> bool:
        now, name = self.clock(), witness.key.vkey
        if self.waiting.get(name, now) > now:
            return False
        with read() as tx:
            last = last_of(tx, head.origin, name)
        size = last[0] if last else 0
        if head.size <= size:
            return False
        self.waiting[name] = now + self.every
        try:
            signature = self._asked_from(head, witness, size, again=True)
        except NotCosigned as refusal:
            self.waiting[name] = now + max(_AGAIN, self.every)
            self.count(refusal.reason)
            _log.warning("not cosigned", where=witness.key.name, error=refusal.reason)
            return False
        _keep(head, witness, signature)
        self.count("cosigned")
        _log.info("cosigned", where=witness.key.name, size=head.size)
        return True

    def _asked_from(
        self, head: StoredHead, witness: Address, old: int, *, again: bool
    ) -> Signature:
        answer = self._call(witness.url, write_asked(_proved(head, old)))
        if answer.status == HTTPStatus.OK:
            return _believed(head, witness.key, answer.body, self.clock())
        if answer.status == HTTPStatus.UNPROCESSABLE_ENTITY:
            # Our own proof does not lead there: it holds entries that are not ours.
            raise NotCosigned("another_history")
        known = _size_told(answer)
        if known is None:
            raise NotCosigned(f"status_{answer.status}")
        if known > head.size:
            # An older database was restored, and its guard with it: strangers hold more.
            _log.error("a witness has seen more", where=witness.key.name, size=known)
            raise NotCosigned("it_has_seen_more")
        if not again or known == old:
            raise NotCosigned("another_history")
        return self._asked_from(head, witness, known, again=False)

    def _call(self, url: str, body: bytes) -> Answer:
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        try:
            return self.calls.post(f"{url.rstrip('/')}/add-checkpoint", headers, body)
        except CallFailed as error:
            raise NotCosigned(error.reason) from error
        except RefusedAddress as error:
            raise NotCosigned("refused_address") from error


def _proved(head: StoredHead, old: int) -> Asked:
    hashes: list[bytes] = []
    if old:
        with read() as tx:
            tiles = read_tiles(tx, head.log, tiles_for_consistency(old, head.size))
        hashes = prove_consistency(reader_of(tiles), old, head.size)
    return Asked(old, tuple(hashes), head.checkpoint)


def _size_told(answer: Answer) -> int | None:
    media = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    text = answer.body.removesuffix(b"\n")
    if answer.status != HTTPStatus.CONFLICT or media != _SIZE or not text.isdigit():
        return None
    return int(text) if len(text) < 19 else None


def _believed(head: StoredHead, key: VerifierKey, lines: bytes, now: datetime) -> Signature:
    """Take the witness's own signature out of its answer; it must hold, and be of now."""
    text = checkpoint_body(Checkpoint(head.origin, head.size, head.root))
    try:
        note, _ = open_note(f"{text}\n{lines.decode()}", [key])
    except (NoteError, UnicodeDecodeError) as error:
        raise NotCosigned("does_not_verify") from error
    own = (key.name, key.key_id)
    found = next(each for each in note.signatures if (each.name, each.key_id) == own)
    if abs(cosigned_at(found) - now.timestamp()) > _FARTHEST.total_seconds():
        raise NotCosigned("another_time")
    return found


def _keep(head: StoredHead, witness: Address, signature: Signature) -> None:
    place = {"log": head.log, "origin": head.origin, "size": head.size}
    told = {
        "witness": witness.key.vkey,
        "line": signature_line(signature),
        "checkpoint": head.checkpoint,
        "cosigned_at": cosigned_at(signature) * 1_000_000,
    }
    with write() as tx:
        tx.run(_COSIGNED, {**place, **told})
        tx.run(_KEEP, place)


def addresses(settings: Settings) -> list[Address]:
    """Read the witnesses of the settings; raises RefusedToStart for a key that is none."""
    found = []
    for url, text in settings.witnesses:
        try:
            key = parse_vkey(text)
        except KeyTextError as error:
            raise RefusedToStart(f"CONSENT_WITNESSES: {error}") from None
        if key.kind != COSIGNATURE:
            raise RefusedToStart("CONSENT_WITNESSES: a log's key, not a witness's")
        found.append(Address(url, key))
    return found


def asker_of(settings: Settings, clock: Clock) -> Asker:
    """Make what asks for a deployment."""
    from ...outgoing.calls import Calls  # noqa: PLC0415

    witnesses = addresses(settings)
    # The operator chose them, so that they may be reached wherever they are.
    places = {_place(each.url) for each in witnesses}
    return Asker(
        clock,
        Calls(allowed=settings.callable | places),
        witnesses,
        timedelta(seconds=settings.witness_seconds),
    )


def _place(url: str) -> str:
    to = urlsplit(url)
    port = to.port or (443 if to.scheme == "https" else 80)
    return f"{(to.hostname or '').lower()}:{port}"
