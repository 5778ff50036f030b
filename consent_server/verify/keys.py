"""Verifier keys and what they signed: C2SP signed notes with Ed25519, read for one purpose."""

import hashlib
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass

from consent_server.verify.signature import signed_by

LOG = 1
WITNESS = 4
_VKEY = re.compile(r"([^\s+\x00-\x1f]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})")


class BadKeyError(ValueError):
    """Not a verifier key: the text is cut, altered, or of another sort."""


@dataclass(frozen=True)
class Key:
    """A public key under its name; `kind` says whether it signs as log or as witness."""

    name: str
    identity: bytes
    kind: int
    public: bytes

    @property
    def label(self) -> str:
        """The part that people compare: name and id."""
        return f"{self.name}+{self.identity.hex()}"

    def signed(self, text: bytes, signature: bytes) -> bool:
        """Tell whether this key made this signature over a note's text."""
        if self.kind == WITNESS:
            stamp, signature = signature[:8], signature[8:]
            text = b"cosignature/v1\ntime %d\n" % int.from_bytes(stamp, "big") + text
        return signed_by(self.public, signature, text)


def parse_key(text: str) -> Key:
    """Read a verifier key; raises BadKeyError when any character of it is wrong."""
    found = _VKEY.fullmatch(text)
    if found is None:
        raise BadKeyError("a key reads name+8 hex digits+base64")
    name, identity, material = found[1], bytes.fromhex(found[2]), b64decode(found[3])
    if material[0] not in {LOG, WITNESS} or b64encode(material).decode() != found[3]:
        raise BadKeyError("not an Ed25519 key")
    if hashlib.sha256(name.encode() + b"\n" + material).digest()[:4] != identity:
        raise BadKeyError("the id of the key is not that of its name and bytes")
    return Key(name, identity, material[0], material[1:])
