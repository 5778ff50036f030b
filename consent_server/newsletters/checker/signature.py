"""Does a DKIM signature hold, by the public keys given (RFC 6376, RFC 8463)? Pure: no network.

The library that does this (dkimpy) loads a resolver, and knows Ed25519 only with another
library beside it; with `cryptography`, which we have, it is this page (0015).
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ...mail.records import name_of, tags_of, texts_at
from .rules import COVERED, Finding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...mail.records import Record

_FIELD: Final = b"dkim-signature"
_LEAST_BITS: Final = 1024
_ED25519_BYTES: Final = 32
_ALGORITHMS: Final = frozenset({"rsa-sha256", "ed25519-sha256"})
_WAYS: Final = frozenset({"simple", "relaxed"})
# The value of b= in the field itself, which cannot sign itself.
_OWN: Final = re.compile(rb"((?:^|;)[ \t\r\n]*b[ \t\r\n]*=)[^;]*")
_SPACES: Final = re.compile(rb"[ \t]+")
Field = tuple[bytes, bytes]


class _Fault(Exception):
    """A signature does not hold; says the word of the finding."""


@dataclass(frozen=True)
class _Signature:
    """One signature as it stands in the message: its place, and what it says."""

    place: int
    tags: Mapping[str, str]

    @property
    def key_name(self) -> str:
        return name_of(f"{self.tags.get('s', '')}._domainkey.{self.tags.get('d', '')}")

    @property
    def signed(self) -> list[str]:
        return [each.strip().lower() for each in self.tags.get("h", "").split(":")]


def check_signatures(raw: bytes, records: Sequence[Record], now: int) -> list[Finding]:
    """Find what keeps every signature from holding; nothing if one holds and covers both.

    `now` is in seconds.
    """
    fields, body = _parts(raw)
    findings: list[Finding] = []
    for place, (name, value) in enumerate(fields):
        if name != _FIELD:
            continue
        signature = _Signature(place, tags_of(_unfolded(value).decode("latin-1")))
        try:
            _verify(signature, fields, body, records, now)
        except _Fault as fault:
            findings.append(Finding(str(fault), signature.key_name))
        else:
            if "l" in signature.tags:
                findings.append(Finding("dkim_part_of_body", signature.key_name))
            elif set(signature.signed) >= COVERED:
                return []
    return findings


def _verify(
    signature: _Signature,
    fields: Sequence[Field],
    body: bytes,
    records: Sequence[Record],
    now: int,
) -> None:
    tags = signature.tags
    algorithm = tags.get("a", "").lower()
    if algorithm not in _ALGORITHMS:
        raise _Fault("dkim_old_algorithm")
    key = _key(texts_at(records, signature.key_name), algorithm)
    if tags.get("x", "").isdecimal() and int(tags["x"][:15]) < now:
        raise _Fault("dkim_expired")
    of_fields, _, of_body = tags.get("c", "simple").lower().partition("/")
    if not {of_fields, of_body or "simple"} <= _WAYS or "from" not in signature.signed:
        raise _Fault("dkim_broken")
    told = _body(body, relaxed=of_body == "relaxed")
    if tags.get("l", "").isdecimal():
        told = told[: int(tags["l"][:15])]
    if hashlib.sha256(told).digest() != _decoded(tags.get("bh", ""), "dkim_broken"):
        raise _Fault("dkim_body_changed")
    covered = _covered(signature, fields, relaxed=of_fields == "relaxed")
    _hold(key, _decoded(tags.get("b", ""), "dkim_broken"), covered)


def _key(texts: Sequence[str], algorithm: str) -> RSAPublicKey | Ed25519PublicKey:
    if not texts:
        raise _Fault("dkim_no_key")
    told = tags_of(texts[0])
    kind = told.get("k", "rsa").lower()
    data = _decoded(told.get("p", ""), "dkim_key_unfit")
    # An empty key is one that was withdrawn.
    if len(texts) > 1 or not data or f"{kind}-sha256" != algorithm:
        raise _Fault("dkim_key_unfit")
    try:
        if kind == "ed25519":
            return Ed25519PublicKey.from_public_bytes(data)
        key = load_der_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        raise _Fault("dkim_key_unfit") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < _LEAST_BITS:
        raise _Fault("dkim_key_unfit")
    return key


def _hold(key: RSAPublicKey | Ed25519PublicKey, signature: bytes, covered: bytes) -> None:
    try:
        if isinstance(key, Ed25519PublicKey):
            # RFC 8463: the hash is what is signed.
            key.verify(signature, hashlib.sha256(covered).digest())
        else:
            key.verify(signature, covered, PKCS1v15(), SHA256())
    except InvalidSignature:
        raise _Fault("dkim_headers_changed") from None


def _decoded(text: str, fault: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise _Fault(fault) from None


def _parts(raw: bytes) -> tuple[list[Field], bytes]:
    """Take a message apart, its lines ended as mail ends them; a field keeps its folds."""
    lines = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    head, _, body = lines.partition(b"\r\n\r\n")
    fields: list[Field] = []
    for line in head.split(b"\r\n"):
        if line[:1] in {b" ", b"\t"} and fields:
            name, value = fields[-1]
            fields[-1] = name, value + b"\r\n" + line
        else:
            name, _, value = line.partition(b":")
            fields.append((name, value))
    return [(name.strip().lower(), name + b":" + value) for name, value in fields], body


def _covered(signature: _Signature, fields: Sequence[Field], *, relaxed: bool) -> bytes:
    """Write what was signed: each field named, the last of its name first, then this one."""
    left = list(enumerate(fields))
    told: list[bytes] = []
    for name in signature.signed:
        found = [each for each in left if each[1][0] == name.encode("latin-1", "replace")]
        if found:
            left.remove(found[-1])
            told.append(_field(found[-1][1][1], relaxed=relaxed) + b"\r\n")
    whole = fields[signature.place][1]
    start = whole.index(b":") + 1
    own = whole[:start] + _OWN.sub(rb"\1", whole[start:], count=1)
    return b"".join(told) + _field(own, relaxed=relaxed)


def _field(whole: bytes, *, relaxed: bool) -> bytes:
    if not relaxed:
        return whole
    name, _, value = whole.partition(b":")
    plain = _SPACES.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")
    return name.strip().lower() + b":" + plain


def _unfolded(whole: bytes) -> bytes:
    return whole.partition(b":")[2].replace(b"\r\n", b"")


def _body(body: bytes, *, relaxed: bool) -> bytes:
    lines = body.split(b"\r\n")
    if relaxed:
        lines = [_SPACES.sub(b" ", line).rstrip(b" ") for line in lines]
    text = b"\r\n".join(lines).rstrip(b"\r\n")
    # Of no body at all, one empty line stands for it, or nothing.
    return text + b"\r\n" if text or not relaxed else b""
