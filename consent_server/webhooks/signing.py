"""Signing what is sent: Standard Webhooks 1.0.0, so that any of its libraries verifies it."""

from __future__ import annotations

import base64
import hmac
import secrets
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_PREFIX: Final = "whsec_"
_BYTES: Final = 32


def new_secret() -> bytes:
    """Draw a secret (24 to 64 bytes by the specification)."""
    return secrets.token_bytes(_BYTES)


def secret_text(secret: bytes) -> str:
    """Write a secret as receivers' libraries take it: `whsec_` and base64."""
    return _PREFIX + base64.b64encode(secret).decode()


def headers(
    secrets_in_use: Iterable[bytes], message_id: str, seconds: int, body: bytes
) -> dict[str, str]:
    """Give the headers of one attempt: id, time of the attempt, a signature per secret.

    While a secret is being replaced there are two signatures, and a receiver that knows
    either one is served (WH-1).
    """
    signed = f"{message_id}.{seconds}.".encode() + body
    marks = [
        "v1," + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
        for secret in secrets_in_use
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(marks),
    }
