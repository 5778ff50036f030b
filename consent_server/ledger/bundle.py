"""The proof bundle, `consent-proof/1`: all that a stranger needs, as one exact file."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from consent_server.ledger.canonical import canonical_bytes
from consent_server.ledger.note import VerifierKey
from consent_server.ledger.tlog_proof import format_tlog_proof, parse_tlog_proof

FORMAT = "consent-proof/1"


@dataclass(frozen=True)
class Opening:
    """What shows whose record it is to somebody who knows the identifier."""

    kind: str
    key: bytes


@dataclass(frozen=True)
class Bundle:
    """A record, its salt, its entry, and the way from that entry to a signed checkpoint."""

    record: str
    salt: bytes
    entry: bytes
    tlog_proof: str
    checkpoint_keys: Sequence[VerifierKey]
    opening: Opening | None = None
    stamps: Sequence[bytes] = ()


def bundle_value(bundle: Bundle) -> dict[str, object]:
    """Give the bundle as a JSON value.

    checkpoint_keys are exactly the keys whose signatures stand on the checkpoint: the
    verifier refuses a line without its key and a key without its line.
    """
    value: dict[str, object] = {
        "format": FORMAT,
        "record": bundle.record,
        "salt": _base64(bundle.salt),
        "entry": _base64(bundle.entry),
        "tlog_proof": bundle.tlog_proof,
        "checkpoint_keys": [key.vkey for key in bundle.checkpoint_keys],
        "stamps": [_base64(stamp) for stamp in bundle.stamps],
    }
    if bundle.opening is not None:
        value["opening"] = {"kind": bundle.opening.kind, "key": _base64(bundle.opening.key)}
    return value


def bundle_bytes(bundle: Bundle) -> bytes:
    """Give the bundle's one file form: serve these bytes as they are.

    The verifier refuses a file formatted otherwise, so that no byte of it is free.
    """
    return canonical_bytes(bundle_value(bundle))


def tlog_proof_bytes(value: Mapping[str, object]) -> bytes:
    """Give a bundle as a `.tlog-proof` file, which other people's tools read.

    What makes the entry (record, salt) and what more is known of it stand in its `extra`
    line, as canonical JSON: nobody need trust it, for it must lead to the entry.
    """
    known = {name: each for name, each in value.items() if name not in {"format", "tlog_proof"}}
    proof = parse_tlog_proof(str(value["tlog_proof"]))
    return format_tlog_proof(replace(proof, extra=canonical_bytes(known))).encode()


def _base64(data: bytes) -> str:
    return b64encode(data).decode()
