"""What goes into the log: an entry that shows a commitment and a minute, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import digest

from consent_server.ledger.canonical import canonical_bytes
from consent_server.ledger.merkle import HASH_SIZE, leaf_hash

SALT_BYTES = 32
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


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
    return digest(salt, record, "sha256")


def person_tag(key: bytes, kind: str, normalised: str) -> str:
    """Give the mark of a person in one record: `person`, under a key made for it alone."""
    return digest(_checked(key), f"{kind}|{normalised}".encode(), "sha256").hex()


def opening_tag(key: bytes, kind: str) -> str:
    """Give `person_key`, which fixes the opening {kind, key} without naming anybody.

    Without it in the record, whoever holds an opened proof but not the address could not
    tell a true opening from an altered one.
    """
    return digest(_checked(key), f"opening|{kind}".encode(), "sha256").hex()


def person_fields(key: bytes, kind: str, normalised: str) -> dict[str, str]:
    """Give the two fields that a record about a person carries; keep the key to open them."""
    return {
        "person": person_tag(key, kind, normalised),
        "person_key": opening_tag(key, kind),
    }


def _checked(key: bytes) -> bytes:
    if len(key) != SALT_BYTES:
        raise ValueError(f"a person's key is {SALT_BYTES} bytes, not {len(key)}")
    return key
