"""The receipt's name: unguessable, and enough to find the decision it belongs to."""

from __future__ import annotations

import base64
import hmac
import struct
from typing import Final

_MAC_BYTES: Final = 16
_PLACE: Final = struct.Struct(">QQ")


def receipt_name(key: bytes, organisation: int, decision: int) -> str:
    """Name a receipt: 43 URL-safe letters that only the holder of the key can make."""
    place = _PLACE.pack(organisation, decision)
    return base64.urlsafe_b64encode(place + _mac(key, place)).rstrip(b"=").decode()


def read_receipt_name(key: bytes, name: str) -> tuple[int, int] | None:
    """Read a name back into (organisation, decision); None for one we did not make."""
    try:
        raw = base64.urlsafe_b64decode(name + "=" * (-len(name) % 4))
    except (ValueError, UnicodeEncodeError):
        return None
    place, mac = raw[: _PLACE.size], raw[_PLACE.size :]
    if len(place) != _PLACE.size or not hmac.compare_digest(mac, _mac(key, place)):
        return None
    organisation, decision = _PLACE.unpack(place)
    # One name for one receipt: letters that decode alike are not accepted in its place.
    return (
        (organisation, decision) if receipt_name(key, organisation, decision) == name else None
    )


def _mac(key: bytes, place: bytes) -> bytes:
    return hmac.digest(key, place, "sha256")[:_MAC_BYTES]
