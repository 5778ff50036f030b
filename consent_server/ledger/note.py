"""C2SP signed notes: a text, and under it the signatures of named Ed25519 keys."""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

ED25519 = 0x01
COSIGNATURE = 0x04
MAX_SIGNATURES = 64
_STAMP_BYTES = 8
_SIGNATURE_BYTES = 64


class NoteError(ValueError):
    """Not a signed note, or not one that a known key signed."""


class KeyTextError(ValueError):
    """Not a verifier key."""


@dataclass(frozen=True)
class VerifierKey:
    """A key that may sign notes: its name, its signature type, its public bytes."""

    name: str
    public: bytes
    kind: int = ED25519

    @property
    def key_id(self) -> bytes:
        """Give the four bytes that, with the name, say which key signed."""
        hashed = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return sha256(hashed).digest()[:4]

    @property
    def vkey(self) -> str:
        """Write the key as the text that verifiers are given."""
        material = b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{material}"


@dataclass(frozen=True)
class Signature:
    """One signature line: who says to have signed, and the bytes."""

    name: str
    key_id: bytes
    value: bytes


@dataclass(frozen=True)
class Note:
    """A text (ending in a newline) and its signatures, none of them checked yet."""

    text: str
    signatures: tuple[Signature, ...]


class Signer:
    """A private Ed25519 key under a name."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        """Hold the key; the name must be fit for a note."""
        _require_name(name)
        self._private = private
        self.key = VerifierKey(name, private.public_key().public_bytes_raw())

    @classmethod
    def from_seed(cls, name: str, seed: bytes) -> Self:
        """Take the key from its 32 secret bytes."""
        return cls(name, Ed25519PrivateKey.from_private_bytes(seed))

    def sign(self, text: str) -> Signature:
        """Sign a note's text."""
        return Signature(self.key.name, self.key.key_id, self._private.sign(text.encode()))


class Cosigner:
    """A witness's private Ed25519 key under its name; signs what it saw, and when."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        """Hold the key; the name must be fit for a note."""
        _require_name(name)
        self._private = private
        self.key = VerifierKey(name, private.public_key().public_bytes_raw(), COSIGNATURE)

    @classmethod
    def from_seed(cls, name: str, seed: bytes) -> Self:
        """Take the key from its 32 secret bytes."""
        return cls(name, Ed25519PrivateKey.from_private_bytes(seed))

    def sign(self, text: str, seconds: int) -> Signature:
        """Cosign a checkpoint's text, as seen at this time (POSIX seconds)."""
        value = self._private.sign(cosigned_message(text, seconds))
        stamped = seconds.to_bytes(_STAMP_BYTES, "big") + value
        return Signature(self.key.name, self.key.key_id, stamped)


def parse_vkey(text: str) -> VerifierKey:
    """Read a verifier key; raises KeyTextError unless it is whole and exactly written."""
    # Split from the right: base64 may hold a plus, the name and the id may not.
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise KeyTextError("a verifier key is name+id+key")
    try:
        material = b64decode(parts[2], validate=True)
    except (Base64Error, ValueError) as error:
        raise KeyTextError("the key is not base64") from error
    if len(material) != 33 or material[0] not in {ED25519, COSIGNATURE}:
        raise KeyTextError("not an Ed25519 key")
    key = VerifierKey(parts[0], material[1:], material[0])
    if not _is_name(key.name) or key.vkey != text:
        raise KeyTextError("the key's id does not match its name and bytes")
    return key


def format_note(text: str, signatures: Sequence[Signature]) -> str:
    """Write a signed note."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise NoteError("a note's text ends in a newline and holds no control characters")
    lines = [signature_line(signature) for signature in signatures]
    return f"{text}\n{''.join(lines)}"


def parse_note(text: str) -> Note:
    """Read a signed note without trusting it; raises NoteError when it is not one."""
    body, separator, tail = text.rpartition("\n\n")
    if not separator or not tail.endswith("\n") or _CONTROL.search(text):
        raise NoteError("not a signed note")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError(f"more than {MAX_SIGNATURES} signatures")
    return Note(body + "\n", tuple(_parse_line(line) for line in lines))


def open_note(text: str, keys: Iterable[VerifierKey]) -> tuple[Note, tuple[VerifierKey, ...]]:
    """Read a note and name the known keys that signed it.

    A known key that fails, or no known key at all, raises NoteError; unknown keys are
    ignored, as the format asks.
    """
    note = parse_note(text)
    known = {(key.name, key.key_id): key for key in keys}
    signed = []
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is None:
            continue
        if not _holds(key, note.text, signature):
            raise NoteError(f"the signature of {key.name} does not hold")
        signed.append(key)
    if not signed:
        raise NoteError("no known key signed this note")
    return note, tuple(signed)


def cosigned_message(text: str, stamp: int) -> bytes:
    """Give what a witness signs: the checkpoint's text under its own time."""
    return f"cosignature/v1\ntime {stamp}\n{text}".encode()


def cosigned_at(signature: Signature) -> int:
    """Read when a witness says to have signed (POSIX seconds)."""
    return int.from_bytes(signature.value[:_STAMP_BYTES], "big")


def _holds(key: VerifierKey, text: str, signature: Signature) -> bool:
    value, message = signature.value, text.encode()
    if key.kind == COSIGNATURE:
        stamp, value = value[:_STAMP_BYTES], value[_STAMP_BYTES:]
        message = cosigned_message(text, int.from_bytes(stamp, "big"))
    if len(value) != _SIGNATURE_BYTES:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(value, message)
    except InvalidSignature:
        return False
    return True


_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")


def signature_line(signature: Signature) -> str:
    """Write one signature as a note carries it, with its newline."""
    payload = b64encode(signature.key_id + signature.value).decode()
    return f"— {signature.name} {payload}\n"


def _parse_line(line: str) -> Signature:
    found = _LINE.fullmatch(line)
    if found is None:
        raise NoteError("a signature line is not one")
    try:
        payload = b64decode(found[2], validate=True)
    except (Base64Error, ValueError) as error:
        raise NoteError("a signature is not base64") from error
    if len(payload) <= 4 or b64encode(payload).decode() != found[2]:
        raise NoteError("a signature is not base64 in its one form")
    return Signature(found[1], payload[:4], payload[4:])


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not re.search(r"\s|[\x00-\x1f]", name)


def _require_name(name: str) -> None:
    if not _is_name(name):
        raise KeyTextError("a key's name is not empty and holds neither space nor plus")
