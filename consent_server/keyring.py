"""Secrets: the server's own, an organisation's, and what is sealed or found with them.

The server's key wraps an organisation's data key (AES-256-GCM); rows are sealed under
the data key and bound to their place, so that a cell moved elsewhere does not open.
Identifiers are found by HMAC-SHA-256 under the organisation's index key (standards.md
ID-9), never by a plain hash, which anyone could enumerate.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .alone import in_turn
from .problems import RefusedToStart
from .secret_files import KEY_BYTES, read_secrets, replace_secret, write_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

_NONCE_BYTES: Final = 12


class CannotOpen(Exception):
    """The sealed bytes were changed, moved, or belong to another key."""


def seal(key: bytes, plain: bytes, place: bytes) -> bytes:
    """Encrypt bytes so that they open only under the same key and at the same place."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, plain, place)


def unseal(key: bytes, sealed: bytes, place: bytes) -> bytes:
    """Decrypt what `seal` made; raises `CannotOpen` if a bit or the place differs."""
    try:
        return _cipher(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place)
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("the sealed bytes do not open here") from error


@lru_cache(maxsize=256)
def _cipher(key: bytes) -> AESGCM:
    # Making one costs as much as sealing a cell with it.
    return AESGCM(key)


@lru_cache(maxsize=64)
def _derived(master: bytes, use: str) -> bytes:
    return hmac.digest(master, f"derive|{use}".encode(), hashlib.sha256)


@lru_cache(maxsize=256)
def _keyed(key: bytes) -> hmac.HMAC:
    # The library takes twice as long to take a key in as to hash an identifier with it.
    return hmac.new(key, digestmod="sha256")


@lru_cache(maxsize=256)
def _mask_key(key: bytes, organisation: int) -> bytes:
    return hmac.digest(key, f"mask|{organisation}".encode(), hashlib.sha256)


def _hasher(key: bytes, prefix: bytes) -> Callable[[str], bytes]:
    # RFC 2104, with both pads and what all messages begin with hashed once: half of the
    # time that the library's own object takes to be copied.
    block = key.ljust(hashlib.sha256().block_size, b"\0")
    inner = hashlib.sha256(bytes(each ^ 0x36 for each in block) + prefix)
    outer = hashlib.sha256(bytes(each ^ 0x5C for each in block))

    def hashed(text: str) -> bytes:
        first = inner.copy()
        first.update(text.encode())
        second = outer.copy()
        second.update(first.digest())
        return second.digest()

    return hashed


@dataclass(frozen=True)
class OrganisationKeys:
    """One organisation's data key and its index keys by version."""

    organisation: int
    data_key: bytes
    index_keys: dict[int, bytes]

    @property
    def index_version(self) -> int:
        """The version new rows are indexed under."""
        return max(self.index_keys)

    def index(self, kind: str, normalised: str, version: int | None = None) -> bytes:
        """Hash an identifier so that only this organisation can find it again."""
        key = self.index_keys[version or self.index_version]
        message = f"v1|{self.organisation}|{kind}|{normalised}".encode()
        keyed = _keyed(key).copy()
        keyed.update(message)
        return keyed.digest()

    def hasher(self, kind: str) -> Callable[[str], bytes]:
        """Give what hashes many identifiers of a kind as `index` does, under the newest key."""
        key = self.index_keys[self.index_version]
        return _hasher(key, f"v1|{self.organisation}|{kind}|".encode())

    def mask(self, digests: bytes, version: int | None = None) -> bytes:
        """Mask SHA-256 digests, one after the other, so that nobody can guess one without us.

        As good as hashing each again under a key, and a hundred times cheaper for a long list:
        what is uniform already needs only to be permuted, each block by itself.
        """
        key = self.index_keys[version or self.index_version]
        # Blocks of digests do not repeat as those of texts do, which is what ECB gives away.
        cipher = Cipher(algorithms.AES(_mask_key(key, self.organisation)), modes.ECB())  # noqa: S305
        return cipher.encryptor().update(digests)

    def seal(self, plain: bytes, table: str, row: int) -> bytes:
        """Seal a cell to its table and row."""
        return seal(self.data_key, plain, self._place(table, row))

    def seal_many(
        self, plains: Iterable[bytes], table: str, rows: Sequence[int]
    ) -> list[bytes]:
        """Seal a cell of each of these rows of a table, as `seal` does one."""
        encrypt = _cipher(self.data_key).encrypt
        begin = f"{self.organisation}|{table}|"
        # The system is asked once for all of them.
        drawn = os.urandom(_NONCE_BYTES * len(rows))
        nonces = [drawn[at : at + _NONCE_BYTES] for at in range(0, len(drawn), _NONCE_BYTES)]
        return [
            nonce + encrypt(nonce, plain, f"{begin}{row}".encode())
            for nonce, plain, row in zip(nonces, plains, rows, strict=True)
        ]

    def unseal(self, sealed: bytes, table: str, row: int) -> bytes:
        """Open a cell sealed by `seal` for the same table and row."""
        return unseal(self.data_key, sealed, self._place(table, row))

    def _place(self, table: str, row: int) -> bytes:
        return f"{self.organisation}|{table}|{row}".encode()


@dataclass(frozen=True)
class Keyring:
    """The server's own secrets."""

    master: bytes
    # Where the keys lie that may be renewed while we run: those of links, and of the log
    # (ledger/log_keys.py).
    folder: Path

    @property
    def token_keys(self) -> tuple[str, ...]:
        """The keys that sign what people hold, as they are now: oldest first, newest signs."""
        path = self.folder / "token.keys"
        try:
            found = path.stat()
            _last[path] = _tokens(path, (found.st_ino, found.st_mtime_ns, found.st_size))
        except (OSError, RefusedToStart):
            # Spoilt while we run: we go on with what we had, and refuse the next start.
            if path not in _last:
                raise
        return _last[path]

    @classmethod
    def create(cls, folder: Path) -> None:
        """Make the secrets of a first run; keeps every one that is already there."""
        for place in (folder.parent, folder):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("master.key", "token.keys", "log.key"):
            write_once(folder / name, secrets.token_bytes(KEY_BYTES))

    @classmethod
    def open(cls, folder: Path) -> Keyring:
        """Read the secrets; refuses missing, readable-by-others or weak ones."""
        master = read_secrets(folder / "master.key")
        read_secrets(folder / "token.keys")
        read_secrets(folder / "log.key")
        return cls(master[-1], folder)

    def wrap(self, key: bytes, organisation: int, kind: str, version: int) -> bytes:
        """Wrap an organisation's key under the server's."""
        return seal(self.master, key, f"wrap|{organisation}|{kind}|{version}".encode())

    def unwrap(self, wrapped: bytes, organisation: int, kind: str, version: int) -> bytes:
        """Unwrap what `wrap` made."""
        return unseal(self.master, wrapped, f"wrap|{organisation}|{kind}|{version}".encode())

    def derive(self, use: str) -> bytes:
        """Derive a key of its own for one use, so that no two uses share one."""
        return _derived(self.master, use)


_last: Final[dict[Path, tuple[str, ...]]] = {}


@lru_cache(maxsize=16)
def _tokens(path: Path, _mark: tuple[int, int, int]) -> tuple[str, ...]:
    # Tokens are signed by text keys (itsdangerous).
    return tuple(key.hex() for key in read_secrets(path))


def rotate_token_keys(folder: Path, *, forget: bool = False) -> int:
    """Let a new key sign tokens from now on; gives how many keys go on verifying.

    `forget`: every older key is thrown away, as when one has leaked; what it signed opens
    nothing any more. A crash leaves either the old file or the new one.
    """
    path = folder / "token.keys"
    # Two at one instant would both go by what they read, and the second to end would drop the
    # key of the first, with all that was signed meanwhile.
    with in_turn(path.with_suffix(".lock")):
        older = [] if forget else read_secrets(path)
        keys = [*older, secrets.token_bytes(KEY_BYTES)]
        replace_secret(path, b"".join(base64.b64encode(key) + b"\n" for key in keys))
    return len(older)
