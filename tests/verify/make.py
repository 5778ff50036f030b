"""Real proof files, made by the server's own functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256

from consent_server.ledger.bundle import (
    Bundle,
    Opening,
    bundle_bytes,
    bundle_value,
    tlog_proof_bytes,
)
from consent_server.ledger.canonical import canonical_bytes
from consent_server.ledger.checkpoint import Checkpoint, sign_checkpoint
from consent_server.ledger.entry import (
    Entry,
    commit_bytes,
    entry_bytes,
    entry_leaf,
    minute_of,
    person_fields,
)
from consent_server.ledger.merkle import prove_inclusion
from consent_server.ledger.note import Signer
from consent_server.ledger.tiles import append_leaves, reader_of
from consent_server.ledger.tlog_proof import TlogProof, format_tlog_proof

ORIGIN = "proof.consent.example/log1"
LOG = Signer.from_seed(ORIGIN, b"\x11" * 32)
VKEY = LOG.key.vkey
STRANGER = Signer.from_seed("elsewhere.example/log1", b"\x22" * 32)
EMAIL = "zoé@exemple.fr"
KEY = sha256(b"a key of one record").digest()
SALT = sha256(b"a salt of one record").digest()
RECORDED = datetime(2026, 11, 22, 10, 41, 7, 123456, tzinfo=UTC)


def make_record(**but: object) -> dict[str, object]:
    """Make a decision's record; a field given as None is left out."""
    record: dict[str, object] = {
        "kind": "decision",
        "v": 1,
        "organisation": "org_0123456789abc",
        "id": "dec_0123456789abc",
        **person_fields(KEY, "email", EMAIL),
        "recorded_at": "2026-11-22T10:41:07.123456Z",
        "decided_at": "2026-11-22T10:41:06.900000Z",
        "notice_version": "ntv_0123456789abc",
        "notice_hash": sha256(b"words").hexdigest(),
        "language": "fr",
        "action": "save",
        "surface": "second_layer",
        "source": "banner",
        "assertion": "witnessed",
        "choices": {"audience": "granted", "publicité": "refused"},
        **but,
    }
    return {name: value for name, value in record.items() if value is not None}


@dataclass(frozen=True)
class Log:
    """A small log, and one record in it."""

    record: Mapping[str, object] = field(default_factory=make_record)
    index: int = 300
    size: int = 700
    minute: int = minute_of(RECORDED)
    signers: Sequence[Signer] = (LOG,)
    origin: str = ORIGIN

    def bundle(self) -> Bundle:
        """Log the record among others and prove it."""
        record = canonical_bytes(dict(self.record))
        entry = Entry(commit_bytes(record, SALT), self.minute)
        leaves = [sha256(str(number).encode()).digest() for number in range(self.size)]
        leaves[self.index] = entry_leaf(entry)
        tree = append_leaves(0, {}, leaves)
        path = prove_inclusion(reader_of(tree.tiles), self.index, self.size)
        head = Checkpoint(self.origin, self.size, tree.root)
        note = sign_checkpoint(head, *self.signers)
        return Bundle(
            record=record.decode(),
            salt=SALT,
            entry=entry_bytes(entry),
            tlog_proof=format_tlog_proof(TlogProof(self.index, tuple(path), note)),
            checkpoint_keys=[signer.key for signer in self.signers],
        )


def opened(bundle: Bundle) -> Bundle:
    """Add the opening that names the person to whoever knows the address."""
    return replace(bundle, opening=Opening("email", KEY))


CLOSED = Log().bundle()
OPENED = opened(CLOSED)
CLOSED_FILE = bundle_bytes(CLOSED)
OPENED_FILE = bundle_bytes(OPENED)
TLOG_FILE = tlog_proof_bytes(bundle_value(OPENED))
