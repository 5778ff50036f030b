"""The signer: the log's key, and its refusal to sign what does not continue the log."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from functools import lru_cache, partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ..db import read
from ..problems import RefusedToStart
from .canonical import canonical_bytes
from .checkpoint import Checkpoint, CheckpointError, open_checkpoint, sign_checkpoint
from .guard import Guard
from .jws import open_compact
from .log_keys import read_log_keys
from .merkle import root_hash
from .note import Signer, VerifierKey, parse_note
from .stored import read_head, read_tiles
from .tiles import TileError, reader_of, tiles_for_root

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..config import Settings
    from ..db import Transaction
    from ..keyring import Keyring
    from .log_keys import LogKey, LogKeys
    from .stored import StoredHead

MAIN_LOG: Final = "main"
# Between the name of a log and how far it had come when it went on under another.
RESUMED: Final = "/resumed-"


class RefusedToSign(RefusedToStart):
    """The database does not continue what was signed: a second history would begin."""


class LogSigner:
    """Signs the heads of this deployment's logs, each under its own origin."""

    def __init__(self, *, origin: str, keys: Callable[[], LogKeys], guard: Guard) -> None:
        self._origin = origin
        # Asked at each use: the key may be renewed while we run.
        self._keys = keys
        self.guard = guard

    @classmethod
    def of(cls, settings: Settings, keyring: Keyring) -> LogSigner:
        """Take the deployment's keys, origin and guard folder."""
        guard = Guard(settings.data / "ledger")
        keys = partial(read_log_keys, keyring.folder)
        return cls(origin=settings.log_origin, keys=keys, guard=guard)

    def origin_for(self, log: str) -> str:
        """Give the origin of a log that begins now; one that has begun keeps its own."""
        return self._origin if log == MAIN_LOG else f"{self._origin}/{log}"

    def key_for(self, origin: str) -> VerifierKey:
        """Give the key with which anybody checks what this origin signs from now on."""
        return _signer(origin, self._keys().seed).key

    def keys_for(self, origin: str) -> list[VerifierKey]:
        """Give every key that ever signed for this origin, the one in force first."""
        return [VerifierKey(origin, each.public) for each in self._keys().all()]

    def known_keys(self) -> list[LogKey]:
        """Give what is known of each of these keys, in the same order."""
        return self._keys().all()

    def signers_of(self, origin: str, note: str) -> list[VerifierKey]:
        """Name the keys of ours whose signatures stand on a checkpoint."""
        there = {(each.name, each.key_id) for each in parse_note(note).signatures}
        return [key for key in self.keys_for(origin) if (key.name, key.key_id) in there]

    def sign(self, head: Checkpoint) -> str:
        """Sign a head; the caller holds it, uncommitted, and has compared with the guard."""
        return sign_checkpoint(head, _signer(head.origin, self._keys().seed))

    def open_kept(self, origin: str, note: str) -> Checkpoint:
        """Read a checkpoint of a log that may have had other names before (resume.py)."""
        names = origin.split(RESUMED)
        for parts in range(1, len(names)):
            before = RESUMED.join(names[:parts])
            if note.startswith(f"{before}\n"):
                return self.open(before, note)
        return self.open(origin, note)

    def open(self, origin: str, note: str) -> Checkpoint:
        """Read a checkpoint of ours; refuses one that no key of ours ever signed."""
        try:
            checkpoint = open_checkpoint(note, self.keys_for(origin))
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
        keys = self._keys()
        kid = _as_jwk(keys.current.public)["kid"]
        header = canonical_bytes({"alg": "Ed25519", "kid": kid, "typ": kind})
        signing = f"{_base64url(header)}.{_base64url(canonical_bytes(dict(said)))}"
        signature = Ed25519PrivateKey.from_private_bytes(keys.seed).sign(signing.encode())
        return f"{signing}.{_base64url(signature)}"

    def read_statement(self, text: str, kind: str) -> dict[str, Any] | None:
        """Read a statement of one kind; None unless this deployment signed it.

        Under a key that leaked anybody may have signed it: then it says nothing.
        """
        for key in self._keys().all():
            said = open_compact(text, public=key.public, kind=kind)
            if said is not None:
                return None if key.leaked else said
        return None

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """Give the public keys as a JSON Web Key Set (RFC 7517, RFC 8037), all there were.

        A key that signs no more says so by `exp`, one that leaked by `revoked`.
        """
        return {"keys": [_dated(key) for key in self._keys().all()]}


def _dated(key: LogKey) -> dict[str, Any]:
    said: dict[str, Any] = {**_as_jwk(key.public), "use": "sig", "alg": "Ed25519"}
    if key.since is not None:
        said["iat"] = key.since
    if key.until is not None:
        said["exp"] = key.until
        if key.leaked:
            said["revoked"] = {"revoked_at": key.until, "reason": "compromised"}
    return said


def _as_jwk(public: bytes) -> dict[str, str]:
    key = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(public)}
    # RFC 7638: the name of a key is the hash of its required members, canonical.
    return {**key, "kid": _base64url(sha256(canonical_bytes(key)).digest())}


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
