"""A signed statement (compact JWS, Ed25519), read as exactly what a trusted key signed."""

import hashlib
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping

from consent_server.verify.exact import canonical, read_exact
from consent_server.verify.keys import LOG, Key
from consent_server.verify.signature import signed_by
from consent_server.verify.verdict import Place, Refused

_SHAPE = re.compile(rb"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")


def read_statement(
    data: bytes, kind: str, trusted: Iterable[Key], field: str
) -> tuple[Mapping[str, object], Key]:
    """Give what was signed, and by which trusted key; raises Refused."""
    found = _SHAPE.fullmatch(data)
    if found is None:
        raise Refused("statement_shape", Place(field))
    header, payload, signature = (_bytes(part, field) for part in found.groups())
    for key in trusted:
        if key.kind == LOG and header == _header(key, kind):
            if not signed_by(key.public, signature, data.rpartition(b".")[0]):
                raise Refused("bad_statement", Place(field), key=key.label)
            said = read_exact(payload, field)
            if not isinstance(said, dict):
                raise Refused("not_an_object", Place(field))
            return said, key
    raise Refused("statement_by_another", Place(field))


def _header(key: Key, kind: str) -> bytes:
    """Write the one header that this key signs under (RFC 7638 names the key by its hash)."""
    public = {"crv": "Ed25519", "kty": "OKP", "x": _text(key.public)}
    name = _text(hashlib.sha256(canonical(public)).digest())
    return canonical({"alg": "Ed25519", "kid": name, "typ": kind})


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(part: bytes, field: str) -> bytes:
    try:
        data = urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    except ValueError as error:
        raise Refused("statement_shape", Place(field)) from error
    # One spelling only: what differs in a bit nobody reads is another statement.
    if _text(data).encode() != part:
        raise Refused("statement_shape", Place(field))
    return data
