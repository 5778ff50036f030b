"""Reading a signed statement: compact JWS with Ed25519 (RFC 7515, RFC 9864).

Anybody checks it with any JOSE library and `/.well-known/jwks.json`. It can never be taken
for a checkpoint: what is signed is two base64url texts and a dot, in one line.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PublicKey,
)

_LONGEST = 4096


def open_compact(text: str, *, public: bytes, kind: str) -> dict[str, Any] | None:
    """Read a token's payload; None unless we signed exactly this, for this use."""
    parts = text.split(".")
    if len(parts) != 3 or len(text) > _LONGEST or not text.isascii():
        return None
    try:
        header, payload, signature = (_bytes(part) for part in parts)
        told = json.loads(header)
        signed = f"{parts[0]}.{parts[1]}".encode()
        Ed25519PublicKey.from_public_bytes(public).verify(signature, signed)
    except (ValueError, InvalidSignature):
        return None
    # The algorithm is ours to say, never the token's.
    if not isinstance(told, dict) or (told.get("alg"), told.get("typ")) != ("Ed25519", kind):
        return None
    found: dict[str, Any] = json.loads(payload)
    return found


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    # One spelling only: what differs in a bit nobody reads is another token.
    if _text(data) != text:
        raise ValueError("not the one spelling of these bytes")
    return data
