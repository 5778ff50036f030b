"""Files of secrets: one key a line in base64, for nobody else to read, flushed to disk."""

from __future__ import annotations

import base64
import os
import secrets
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from .problems import RefusedToStart

if TYPE_CHECKING:
    from pathlib import Path

KEY_BYTES: Final = 32
_LEAST_VARIETY: Final = 12


def replace_secret(path: Path, data: bytes) -> None:
    """Put a file in the place of another: a crash leaves either the old one or the new one."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    _write(fresh, data)
    fresh.replace(path)
    _flush_folder(path.parent)


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_once(path: Path, key: bytes) -> None:
    """Write a key into a file of its own, unless there is one already.

    It has its name only once it is whole: a kill leaves no empty key behind that refuses
    every later start, and two first runs at once agree on the key of one of them.
    """
    if path.exists():
        return
    fresh = path.with_suffix(f".{secrets.token_hex(8)}.new")
    _write(fresh, base64.b64encode(key) + b"\n")
    try:
        with suppress(FileExistsError):
            path.hardlink_to(fresh)
    finally:
        fresh.unlink()
    _flush_folder(path.parent)


def read_secrets(path: Path) -> list[bytes]:
    """Read a file of keys, one a line; refuses one that is missing, weak or open to others."""
    if not path.is_file():
        raise RefusedToStart(f"the secret {path.name} is missing: run `consent init`")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise RefusedToStart(f"others can read {path.name}: chmod 600 it")
    keys = [_decode(path, line) for line in path.read_bytes().split()]
    if not keys:
        raise RefusedToStart(f"{path.name} is empty")
    return keys


def _decode(path: Path, line: bytes) -> bytes:
    try:
        key = base64.b64decode(line, validate=True)
    except ValueError as error:
        raise RefusedToStart(f"{path.name} is not base64") from error
    if len(key) < KEY_BYTES or len(set(key)) < _LEAST_VARIETY:
        raise RefusedToStart(f"{path.name} is too weak: at least 32 random bytes are needed")
    return key
