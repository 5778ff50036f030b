"""Snapshots: what may be answered while the server is away. Whoever is not in one is a no."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .values import Permission

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_HASH_BYTES: Final = 16
_TYPE: Final = "consent-snapshot+jwt"


class Snapshot:
    """Those who might be written to for one purpose, as of one moment, for some time.

    It says yes only of whom the server would have said it then, and only until its end. A
    no that was said since is not in it: take a new one often, and ask the server first.
    """

    def __init__(self, said: Mapping[str, Any], body: bytes, content: bytes) -> None:
        self.purpose, self.channel = str(said["purpose"]), str(said["channel"])
        self.as_of, self._until = str(said["as_of"]), _moment(said["until"])
        self._since = _moment(said["as_of"])
        self._key = base64.b64decode(said["key"], validate=True)
        self._body = body
        # All of it, to be kept on disk.
        self.content = content

    @classmethod
    def read(cls, content: bytes, keys: Mapping[str, Any]) -> Self:
        """Read one that a key of `/.well-known/jwks.json` signed; raises `ValueError`."""
        head, _, body = content.partition(b"\n")
        try:
            said = _opened(head.decode("ascii"), keys)
            whole = hashlib.sha256(body).hexdigest() == said["sha256"]
            if not whole or len(body) != said["count"] * _HASH_BYTES:
                raise ValueError("the snapshot is not whole")
            if said["v"] != 1 or said["identifier"] != "email":
                raise ValueError("the snapshot is of a kind that is not known here")
            return cls(said, body, content)
        except (LookupError, TypeError, AttributeError) as error:
            raise ValueError("this is no snapshot") from error

    def may(
        self,
        subject: Mapping[str, Any],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> Permission:
        """May this person be written to? Doubt, age and another identifier are a no."""
        if not self._since <= now() < self._until:
            return Permission.doubt("the snapshot is too old", self.purpose)
        if set(subject) != {"email"} or not isinstance(subject["email"], str):
            return Permission.doubt("a snapshot knows people by e-mail", self.purpose)
        if not self._holds(_match(subject["email"])):
            return Permission.doubt("not in the snapshot", self.purpose)
        return Permission(
            allowed=True,
            because="snapshot",
            purpose=self.purpose,
            channel=self.channel,
            as_of=self.as_of,
            trouble="the server is away",
        )

    def _holds(self, match: str) -> bool:
        wanted = hmac.digest(self._key, match.encode("utf-8", "replace"), "sha256")[
            :_HASH_BYTES
        ]
        low, high = 0, len(self._body) // _HASH_BYTES
        while low < high:
            middle = (low + high) // 2
            found = self._body[middle * _HASH_BYTES : (middle + 1) * _HASH_BYTES]
            if found == wanted:
                return True
            low, high = (middle + 1, high) if found < wanted else (low, middle)
        return False


def _match(text: str) -> str:
    # As the server matches what is plain; what is written otherwise is not found: a no.
    return unicodedata.normalize("NFC", text.strip()).casefold()


def _moment(text: object) -> datetime:
    return datetime.fromisoformat(str(text))


def _opened(text: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    head, payload, signature = text.split(".")
    told = json.loads(_bytes(head))
    if told.get("typ") != _TYPE or told.get("alg") != "Ed25519":
        raise ValueError("this is no snapshot")
    for key in keys["keys"]:
        if key.get("crv") == "Ed25519" and key.get("kid") == told.get("kid"):
            public = Ed25519PublicKey.from_public_bytes(_bytes(key["x"]))
            try:
                public.verify(_bytes(signature), f"{head}.{payload}".encode())
            except InvalidSignature:
                break
            said: dict[str, Any] = json.loads(_bytes(payload))
            return said
    raise ValueError("the snapshot was not signed by this server")


def _bytes(text: str) -> bytes:
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    # Bits that mean nothing, and letters that are passed over, would be room for changes.
    if base64.urlsafe_b64encode(raw).decode().rstrip("=") != text:
        raise ValueError("this is no base64url")
    return raw
