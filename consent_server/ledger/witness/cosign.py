"""Being a witness: a checkpoint is cosigned only if it continues the last one cosigned.

What was cosigned last is kept in the database, compared and replaced in one transaction, and
kept once more beside it: a database that was set back does not make us forget.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple

from ...clock import to_micros
from ...db import Sql, read, write
from ...problems import NotFound, Problem, RefusedToStart, Unavailable
from ..checkpoint import Checkpoint, CheckpointError, open_checkpoint, parse_checkpoint_body
from ..guard import Guard
from ..merkle import EMPTY_ROOT, ProofError, verify_consistency
from ..note import (
    ED25519,
    Cosigner,
    KeyTextError,
    NoteError,
    format_note,
    parse_note,
    parse_vkey,
    signature_line,
)
from .asked import Asked, NotAskedWell, read_asked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from ...config import Settings
    from ...db import Transaction
    from ...keyring import Keyring
    from ..note import VerifierKey

MOST_ENTRIES: Final = 1 << 62

_SEEN: Final = Sql("SELECT size, root FROM ledger_witnessed WHERE origin = :origin")
_FIRST: Final = Sql(
    "INSERT INTO ledger_witnessed (origin, size, root, checkpoint, cosigned_at)"
    " VALUES (:origin, :size, :root, :checkpoint, :now)"
    " ON CONFLICT (origin) DO NOTHING RETURNING size"
)
# Compare and swap: of two requests that saw the same state, one finds it changed.
_NEXT: Final = Sql(
    "UPDATE ledger_witnessed SET size = :size, root = :root, checkpoint = :checkpoint,"
    " cosigned_at = :now"
    " WHERE origin = :origin AND size = :seen_size AND root = :seen_root RETURNING size"
)


class BadRequest(Problem):
    """Not a request that the protocol knows."""

    status = HTTPStatus.BAD_REQUEST
    code = "not_add_checkpoint"
    title = "Not a request of C2SP tlog-witness"


class NotSigned(Problem):
    """No key that we know of this log signed the checkpoint."""

    status = HTTPStatus.FORBIDDEN
    code = "not_signed"
    title = "The checkpoint is not signed by a known key of its log"


class NotContinued(Problem):
    """Nothing shows that the log only grew."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "not_continued"
    title = "The checkpoint is not shown to continue the last one"


class Elsewhere(Exception):
    """The log stands elsewhere than the request says: at this size."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


class Seen(NamedTuple):
    """How far a log had come when it was cosigned last; of size 0 before the first time."""

    size: int
    root: bytes


@dataclass(frozen=True)
class Witness:
    """Us as a witness: the key we sign with, and the logs we know."""

    cosigner: Cosigner
    logs: Mapping[str, tuple[VerifierKey, ...]]
    guard: Guard

    @classmethod
    def of(cls, settings: Settings, keyring: Keyring) -> Witness:
        """Take the deployment's key as a witness, and the logs of its settings."""
        # A key of its own: what a log signs and what a witness signs must never be confused.
        cosigner = Cosigner.from_seed(settings.witness_name, keyring.derive("witness"))
        guard = Guard(settings.data / "ledger" / "witnessed")
        return cls(cosigner, known_logs(settings.witness_logs), guard)

    def cosign(self, body: bytes, now: datetime) -> str:
        """Answer `add-checkpoint` with a signature line; raises a Problem or Elsewhere."""
        try:
            asked = read_asked(body)
            text = parse_note(asked.note).text
            origin = parse_checkpoint_body(text).origin
        except (NotAskedWell, NoteError, CheckpointError) as error:
            raise BadRequest(str(error)) from error
        head = self._opened(origin, asked.note)
        if head.size > MOST_ENTRIES:
            raise BadRequest("no log has so many entries")
        if asked.old > head.size:
            raise BadRequest("the old size is beyond the checkpoint's")
        self._see(asked, head, text, to_micros(now))
        return signature_line(self.cosigner.sign(text, int(now.timestamp())))

    def _opened(self, origin: str, note: str) -> Checkpoint:
        keys = self.logs.get(origin)
        if keys is None:
            raise NotFound("no log of this origin is witnessed here")
        try:
            return open_checkpoint(note, keys)
        except CheckpointError as error:
            raise NotSigned("its signatures are by other keys, or do not hold") from error

    def _see(self, asked: Asked, head: Checkpoint, text: str, now: int) -> None:
        """Let a checkpoint be the last one seen, before anything is signed."""
        known = {(key.name, key.key_id) for key in self.logs[head.origin]}
        signed = [s for s in parse_note(asked.note).signatures if (s.name, s.key_id) in known]
        # Lines of strangers are not kept: whoever reads this later need not judge them.
        note = format_note(text, signed)
        with write() as tx:
            stored = _stored(tx, head.origin)
            seen = self._latest(head.origin, stored)
            if asked.old != seen.size or (
                asked.old == head.size and seen.size and seen.root != head.root
            ):
                raise Elsewhere(seen.size)
            refuse_other_history(seen, asked, head)
            values = {
                "origin": head.origin,
                "size": head.size,
                "root": head.root,
                "checkpoint": note,
                "now": now,
            }
            if stored is not None:
                values |= {"seen_size": stored.size, "seen_root": stored.root}
            done = tx.run(_FIRST if stored is None else _NEXT, values)
        if not done:
            raise Elsewhere(self.seen(head.origin).size)
        self.guard.raise_to(_file(head.origin), note)

    def seen(self, origin: str) -> Seen:
        """Tell how far a log had come when we cosigned it last."""
        with read() as tx:
            return self._latest(origin, _stored(tx, origin))

    def _latest(self, origin: str, stored: Seen | None) -> Seen:
        kept = self.guard.highest(_file(origin))
        seen = stored or Seen(0, EMPTY_ROOT)
        if kept is None:
            return seen
        try:
            guarded = parse_checkpoint_body(parse_note(kept).text)
        except (NoteError, CheckpointError) as error:
            raise Unavailable("what was cosigned last cannot be read") from error
        return Seen(guarded.size, guarded.root) if guarded.size >= seen.size else seen


def refuse_other_history(seen: Seen, asked: Asked, head: Checkpoint) -> None:
    """Refuse a checkpoint that is not shown to continue what was seen."""
    if seen.size == 0:
        # Nothing to be consistent with; and no proof may be smuggled in.
        if asked.proof or (head.size == 0 and head.root != EMPTY_ROOT):
            raise NotContinued("from size 0 there is nothing to prove, and an empty root")
        return
    try:
        verify_consistency(seen.size, head.size, asked.proof, seen.root, head.root)
    except ProofError as error:
        raise NotContinued(
            f"the proof does not lead from the checkpoint of size {seen.size} to this one"
        ) from error


def known_logs(vkeys: Iterable[str]) -> dict[str, tuple[VerifierKey, ...]]:
    """Read the keys of logs, each under its origin; raises RefusedToStart for none."""
    logs: dict[str, tuple[VerifierKey, ...]] = {}
    for each in vkeys:
        try:
            key = parse_vkey(each)
        except KeyTextError as error:
            raise RefusedToStart(f"CONSENT_WITNESS_LOGS: {error}") from None
        if key.kind != ED25519:
            raise RefusedToStart("CONSENT_WITNESS_LOGS: a witness's key, not a log's")
        logs[key.name] = (*logs.get(key.name, ()), key)
    return logs


def _stored(tx: Transaction, origin: str) -> Seen | None:
    rows = tx.run(_SEEN, {"origin": origin})
    return Seen(rows[0][0], bytes(rows[0][1])) if rows else None


def _file(origin: str) -> str:
    return sha256(origin.encode()).hexdigest()
