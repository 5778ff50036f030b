"""The proof file's shape, `consent-proof/1`: these fields, these forms, nothing else."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from consent_server.verify.exact import MAX_BYTES, read_exact
from consent_server.verify.keys import BadKeyError, Key, parse_key
from consent_server.verify.log_proof import LogProof, read_log_proof
from consent_server.verify.verdict import Place, Refused

FORMAT = "consent-proof/1"
SECRET_BYTES = 32
_AROUND = {"format", "tlog_proof"}
_REQUIRED = {"record", "salt", "entry", "checkpoint_keys", "stamps"}
_ALLOWED = _REQUIRED | {"opening"}


@dataclass(frozen=True)
class Opening:
    """What shows whose record it is to somebody who knows the identifier."""

    kind: str
    key: bytes


@dataclass(frozen=True)
class ProofFile:
    """A proof file that has the right shape; nothing in it is believed yet."""

    record: str
    salt: bytes
    entry: bytes
    log_proof: LogProof
    keys: Sequence[Key]
    stamps: Sequence[bytes]
    opening: Opening | None


def read_proof_file(value: object) -> ProofFile:
    """Take a JSON value for a proof file; raises Refused at the first field that is wrong."""
    if not isinstance(value, Mapping):
        raise Refused("not_an_object", Place())
    if value.get("format") != FORMAT:
        raise Refused("unknown_format", Place("format"), expected=FORMAT)
    _require_fields(value, _REQUIRED | _AROUND, _ALLOWED | _AROUND, "")
    return _proof_file(value, lambda: read_log_proof(_text(value["tlog_proof"], "tlog_proof")))


def _proof_file(value: Mapping[str, object], log_proof: Callable[[], LogProof]) -> ProofFile:
    return ProofFile(
        record=_text(value["record"], "record"),
        salt=_secret(value["salt"], "salt"),
        entry=_base64(value["entry"], "entry"),
        log_proof=log_proof(),
        keys=[
            _key(each, f"checkpoint_keys[{at}]")
            for at, each in enumerate(_list(value["checkpoint_keys"], "checkpoint_keys"))
        ],
        stamps=[
            _base64(each, f"stamps[{at}]")
            for at, each in enumerate(_list(value["stamps"], "stamps"))
        ],
        opening=_opening(value["opening"]) if "opening" in value else None,
    )


def read_tlog_file(data: bytes) -> ProofFile:
    """Take a `.tlog-proof` file of ours: its `extra` line holds the rest of a proof file."""
    if len(data) > MAX_BYTES:
        raise Refused("too_big", Place(), limit=MAX_BYTES)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise Refused("not_utf8", Place(byte=error.start + 1)) from error
    proof = read_log_proof(text, alone=True)
    rest = read_exact(proof.extra or b"", "extra")
    if not isinstance(rest, Mapping):
        raise Refused("not_an_object", Place("extra"))
    _require_fields(rest, _REQUIRED, _ALLOWED, "extra.")
    return _proof_file(rest, lambda: proof)


def _opening(value: object) -> Opening:
    if not isinstance(value, Mapping):
        raise Refused("not_an_object", Place("opening"))
    _require_fields(value, {"kind", "key"}, {"kind", "key"}, "opening.")
    return Opening(_text(value["kind"], "opening.kind"), _secret(value["key"], "opening.key"))


def _require_fields(
    value: Mapping[str, object], required: set[str], allowed: set[str], prefix: str
) -> None:
    for name in sorted(required - value.keys()):
        raise Refused("missing_field", Place(prefix + name))
    for name in sorted(value.keys() - allowed):
        raise Refused("unknown_field", Place(prefix + name))


def _text(value: object, field: str) -> str:
    if not isinstance(value, str):
        raise Refused("not_a_text", Place(field))
    return value


def _list(value: object, field: str) -> list[object]:
    if not isinstance(value, list):
        raise Refused("not_a_list", Place(field))
    return value


def _base64(value: object, field: str) -> bytes:
    text = _text(value, field)
    try:
        data = b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused("not_base64", Place(field)) from error
    # Padding bits that mean nothing must be zero, or a byte could change unseen.
    if b64encode(data).decode() != text:
        raise Refused("not_base64", Place(field))
    return data


def _secret(value: object, field: str) -> bytes:
    data = _base64(value, field)
    # HMAC fills short keys with zeros: only one length, or two salts would be one.
    if len(data) != SECRET_BYTES:
        raise Refused("wrong_length", Place(field), expected=SECRET_BYTES, got=len(data))
    return data


def _key(value: object, field: str) -> Key:
    try:
        return parse_key(_text(value, field))
    except BadKeyError as error:
        raise Refused("bad_key", Place(field), why=str(error)) from error
