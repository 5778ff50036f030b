"""The signer: the log's key, and its refusal to sign what does not continue the log."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ..db import read
from ..problems import RefusedToStart
from .canonical import canonical_bytes
from .checkpoint import Checkpoint, CheckpointError, open_checkpoint, sign_checkpoint
from .guard import Guard
from .jws import open_compact
from .merkle import root_hash
from .note import Signer
from .stored import read_head, read_tiles
from .tiles import TileError, reader_of, tiles_for_root

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..config import Settings
    from ..db import Transaction
    from ..keyring import Keyring
    from .note import VerifierKey
    from .stored import StoredHead

MAIN_LOG: Final = "main"
# Between the name of a log and how far it had come when it went on under another.
RESUMED: Final = "/resumed-"


class RefusedToSign(RefusedToStart):
    """The database does not continue what was signed: a second history would begin."""


class LogSigner:
    """Signs the heads of this deployment's logs, each under its own origin."""

    def __init__(self, *, origin: str, seed: bytes, guard: Guard) -> None:
        self._origin = origin
        self._seed = seed
        self.guard = guard

    @classmethod
    def of(cls, settings: Settings, keyring: Keyring) -> LogSigner:
        """Take the deployment's key, origin and guard folder."""
        guard = Guard(settings.data / "ledger")
        return cls(origin=settings.log_origin, seed=keyring.log_seed, guard=guard)

    def origin_for(self, log: str) -> str:
        """Give the origin of a log that begins now; one that has begun keeps its own."""
        return self._origin if log == MAIN_LOG else f"{self._origin}/{log}"

    def key_for(self, origin: str) -> VerifierKey:
        """Give the key with which anybody checks the checkpoints of this origin."""
        return _signer(origin, self._seed).key

    def sign(self, head: Checkpoint) -> str:
        """Sign a head; the caller holds it, uncommitted, and has compared with the guard."""
        return sign_checkpoint(head, _signer(head.origin, self._seed))

    def open_kept(self, origin: str, note: str) -> Checkpoint:
        """Read a checkpoint of a log that may have had other names before (resume.py)."""
        names = origin.split(RESUMED)
        for parts in range(1, len(names)):
            before = RESUMED.join(names[:parts])
            if note.startswith(f"{before}\n"):
                return self.open(before, note)
        return self.open(origin, note)

    def open(self, origin: str, note: str) -> Checkpoint:
        """Read a checkpoint of ours; refuses one that our key did not sign."""
        try:
            checkpoint = open_checkpoint(note, [self.key_for(origin)])
        except CheckpointError as error:
            raise RefusedToSign(
                f"a checkpoint of {origin} was not signed by this deployment's log.key"
                f" ({error}): the database and the keys belong to different deployments"
            ) from error
        if checkpoint.origin != origin:
            raise RefusedToSign(f"the checkpoint kept for {origin} is of {checkpoint.origin}")
        return checkpoint

    def sign_statement(self, said: Mapping[str, object], kind: str) -> str:
        """Sign a statement as a compact JWS (RFC 7515, RFC 9864), under the log's key.

        `said` must have a canonical form; `kind` is the header's `typ`.
        """
        (key,) = self.jwks()["keys"]
        header = canonical_bytes({"alg": "Ed25519", "kid": key["kid"], "typ": kind})
        signing = f"{_base64url(header)}.{_base64url(canonical_bytes(dict(said)))}"
        signature = Ed25519PrivateKey.from_private_bytes(self._seed).sign(signing.encode())
        return f"{signing}.{_base64url(signature)}"

    def read_statement(self, text: str, kind: str) -> dict[str, Any] | None:
        """Read a statement of one kind; None unless this deployment signed it."""
        return open_compact(text, public=self.key_for(self._origin).public, kind=kind)

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """Give the public key as a JSON Web Key Set (RFC 7517, RFC 8037)."""
        public = self.key_for(self._origin).public
        key = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(public)}
        # RFC 7638: the name of a key is the hash of its required members, canonical.
        name = _base64url(sha256(canonical_bytes(key)).digest())
        return {"keys": [{**key, "kid": name, "use": "sig", "alg": "Ed25519"}]}


def key_of_log(tx: Transaction, signer: LogSigner, log: str) -> VerifierKey:
    """Give the key with which anybody checks what this log signs."""
    head = read_head(tx, log)
    return signer.key_for(head.origin if head else signer.origin_for(log))


def refuse_other_history(signer: LogSigner) -> None:
    """Refuse to start where any log that was signed is not continued by the database."""
    for log in signer.guard.logs():
        guarded = signer.guard.highest(log)
        with read() as tx:
            refuse_rollback(tx, signer, log, read_head(tx, log), guarded)


def refuse_rollback(
    tx: Transaction, signer: LogSigner, log: str, head: StoredHead | None, guarded: str | None
) -> None:
    """Refuse to go on unless the database holds all that was signed, and under our key.

    `guarded` must have been read before `head`: a checkpoint is committed first and
    guarded after, so the database is never behind what the guard held earlier.
    """
    if head is not None:
        refuse_foreign_head(signer, head)
    if guarded is None:
        return
    size = 0 if head is None else head.size
    signed = signer.open(head.origin if head else signer.origin_for(log), guarded)
    if signed.size > size:
        raise RefusedToSign(
            f"the database holds {size} entries of the log {log!r}, but {signed.size} were"
            " signed: an older database was restored. Nothing more is signed; restore the"
            " newer database. Where there is none, `consent ledger resume` goes on."
        )
    if head is None or _root_at(tx, head, signed.size) != signed.root:
        raise RefusedToSign(
            f"the first {signed.size} entries of the log {log!r} are not those that were"
            " signed: the database was changed or is another one. Nothing more is signed;"
            " restore the right database. Where there is none, `consent ledger resume`"
            " goes on."
        )


def refuse_foreign_head(signer: LogSigner, head: StoredHead) -> None:
    """Refuse a head that our key did not sign as it stands."""
    signed = signer.open(head.origin, head.checkpoint)
    if (signed.size, signed.root) != (head.size, head.root):
        raise RefusedToSign(f"the head of the log {head.log!r} is not the one that was signed")


def _root_at(tx: Transaction, head: StoredHead, size: int) -> bytes | None:
    if size == head.size:
        return head.root
    tiles = read_tiles(tx, head.log, tiles_for_root(size))
    try:
        return root_hash(reader_of(tiles), size)
    except TileError:
        return None


@lru_cache(maxsize=128)
def _signer(origin: str, seed: bytes) -> Signer:
    return Signer.from_seed(origin, seed)


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
