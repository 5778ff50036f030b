"""The log's signing keys: the one in force, and what is known of those before it.

A key that signs no more leaves its public half here, with the day it ended: what it signed
is still checked with it. Its secret half is thrown away.
"""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ..alone import in_turn
from ..problems import RefusedToStart
from ..secret_files import KEY_BYTES, read_secrets, replace_secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_KEY: Final = "log.key"
_RETIRED: Final = "log.retired"
_LEAKED: Final = "leaked"
_ENDED: Final = "retired"


@dataclass(frozen=True)
class LogKey:
    """A public key, and from when until when it signed (seconds; None: unknown, or still)."""

    public: bytes
    since: int | None = None
    until: int | None = None
    leaked: bool = False


@dataclass(frozen=True)
class LogKeys:
    """The secret that signs, and the keys that did before."""

    seed: bytes
    retired: tuple[LogKey, ...] = ()

    @property
    def current(self) -> LogKey:
        """The key in force."""
        last = self.retired[-1].until if self.retired else None
        return LogKey(_public(self.seed), since=last)

    def all(self) -> list[LogKey]:
        """Give every key, the one in force first, then from the newest to the oldest."""
        return [self.current, *reversed(self.retired)]


def read_log_keys(folder: Path) -> LogKeys:
    """Read the keys as they are now; what was read is kept while the files stay the same.

    A new key's file stands before anything is signed with it, so whoever looks at the file
    first knows every key that a signature may be of.
    """
    return _read(folder, _marks(folder))


def rotate_log_key(folder: Path, *, leaked: bool, now: int) -> None:
    """Let a new key sign from now on; the one before goes, but for its public half."""
    with in_turn(folder / "log.lock"):
        keys = read_log_keys(folder)
        ended = LogKey(keys.current.public, until=now, leaked=leaked)
        lines = b"".join(_line(each) for each in (*keys.retired, ended))
        # In this order: a crash between the two leaves a key that is in force and listed,
        # which is one key; the other way round a key would be forgotten.
        replace_secret(folder / _RETIRED, lines)
        seed = b64encode(secrets.token_bytes(KEY_BYTES))
        replace_secret(folder / _KEY, seed + b"\n")


Mark = tuple[int, int, int]


def _marks(folder: Path) -> tuple[Mark, Mark]:
    return _mark(folder / _KEY), _mark(folder / _RETIRED)


def _mark(path: Path) -> Mark:
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0, 0
    return found.st_ino, found.st_mtime_ns, found.st_size


@lru_cache(maxsize=16)
def _read(folder: Path, _marks: tuple[Mark, Mark]) -> LogKeys:
    # The key first: what is retired by the time it is read holds every key before it.
    seed = read_secrets(folder / _KEY)[-1]
    ours = _public(seed)
    retired = [each for each in _retired(folder / _RETIRED) if each.public != ours]
    return LogKeys(seed, tuple(retired))


def _retired(path: Path) -> Iterator[LogKey]:
    if not path.exists():
        return
    since = None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        key = _read_line(line, since)
        if key is None:
            raise RefusedToStart(f"{path.name}, line {number}: not a key that was retired")
        yield key
        since = key.until


def _read_line(line: str, since: int | None) -> LogKey | None:
    try:
        public, how, until = line.split(" ")
        key = LogKey(b64decode(public, validate=True), since, int(until), how == _LEAKED)
    except ValueError:
        return None
    return key if len(key.public) == KEY_BYTES and how in {_LEAKED, _ENDED} else None


def _line(key: LogKey) -> bytes:
    how = _LEAKED if key.leaked else _ENDED
    return f"{b64encode(key.public).decode()} {how} {key.until}\n".encode()


@lru_cache(maxsize=16)
def _public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
