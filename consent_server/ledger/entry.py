"""What goes into the log: an entry that shows a commitment and a minute, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from consent_server.ledger.canonical import canonical_bytes
from consent_server.ledger.merkle import HASH_SIZE, leaf_hash

SALT_BYTES = 32
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_INNER: Final = bytes(each ^ 0x36 for each in range(256))
_OUTER: Final = bytes(each ^ 0x5C for each in range(256))
# What fills a block of SHA-256 after a key of 32 bytes.
_REST: Final = bytes(SALT_BYTES)


@dataclass(frozen=True)
class Entry:
    """One line of the log: a commitment to a record, and its minute since the epoch."""

    commitment: bytes
    minute: int


def minute_of(moment: datetime) -> int:
    """Give the minute, counted from the epoch, in which an aware moment falls."""
    return (moment - _EPOCH) // _MINUTE


def entry_bytes(entry: Entry) -> bytes:
    """Give the canonical bytes of an entry: what the tree hashes, what the proof carries."""
    if len(entry.commitment) != HASH_SIZE:
        raise ValueError(f"a commitment is 32 bytes, not {len(entry.commitment)}")
    minute = _EPOCH + entry.minute * _MINUTE
    return canonical_bytes(
        {
            "v": 1,
            "commitment": entry.commitment.hex(),
            "minute": minute.strftime("%Y-%m-%dT%H:%MZ"),
        }
    )


def entry_leaf(entry: Entry) -> bytes:
    """Give the leaf hash of an entry."""
    return leaf_hash(entry_bytes(entry))


def commit(record: Mapping[str, object], salt: bytes) -> bytes:
    """Commit to a record: without its salt the commitment means nothing."""
    return commit_bytes(canonical_bytes(dict(record)), salt)


def commit_bytes(record: bytes, salt: bytes) -> bytes:
    """Commit to a record's canonical bytes, as stored."""
    # HMAC pads short keys with zeros, so another length would let two salts stand for
    # one commitment.
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt is {SALT_BYTES} bytes, not {len(salt)}")
    return _hmac(_pads(salt), record)


def person_tag(key: bytes, kind: str, normalised: str) -> str:
    """Give the mark of a person in one record: `person`, under a key made for it alone."""
    return _hmac(_pads(_checked(key)), f"{kind}|{normalised}".encode()).hex()


def opening_tag(key: bytes, kind: str) -> str:
    """Give `person_key`, which fixes the opening {kind, key} without naming anybody.

    Without it in the record, whoever holds an opened proof but not the address could not
    tell a true opening from an altered one.
    """
    return _hmac(_pads(_checked(key)), f"opening|{kind}".encode()).hex()


def person_fields(key: bytes, kind: str, normalised: str) -> dict[str, str]:
    """Give the two fields that a record about a person carries; keep the key to open them."""
    pads = _pads(_checked(key))
    return {
        "person": _hmac(pads, f"{kind}|{normalised}".encode()).hex(),
        "person_key": _hmac(pads, f"opening|{kind}".encode()).hex(),
    }


def _pads(key: bytes) -> tuple[bytes, bytes]:
    whole = key + _REST
    return whole.translate(_INNER), whole.translate(_OUTER)


def _hmac(pads: tuple[bytes, bytes], message: bytes) -> bytes:
    # RFC 2104: for a key that is used once or twice the library takes nearly twice as long.
    inner, outer = pads
    return sha256(outer + sha256(inner + message).digest()).digest()


def _checked(key: bytes) -> bytes:
    if len(key) != SALT_BYTES:
        raise ValueError(f"a person's key is {SALT_BYTES} bytes, not {len(key)}")
    return key
