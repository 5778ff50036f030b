"""The bundle has the shape of the contract, and one file form."""

import json
from base64 import b64encode

from consent_server.ledger.bundle import Bundle, Opening, bundle_bytes, bundle_value
from consent_server.ledger.note import Signer

KEY = Signer.from_seed("log.example/1", bytes(32)).key


def test_a_bundle_without_an_opening_names_nobody() -> None:
    value = bundle_value(Bundle("{}", b"s" * 32, b"entry", "text", [KEY]))
    assert value == {
        "format": "consent-proof/1",
        "record": "{}",
        "salt": b64encode(b"s" * 32).decode(),
        "entry": b64encode(b"entry").decode(),
        "tlog_proof": "text",
        "checkpoint_keys": [KEY.vkey],
        "stamps": [],
    }


def test_an_opening_gives_the_kind_and_the_key_of_the_record() -> None:
    bundle = Bundle("{}", bytes(32), b"", "", [KEY], Opening("email", b"k" * 32))
    assert bundle_value(bundle)["opening"] == {
        "kind": "email",
        "key": b64encode(b"k" * 32).decode(),
    }


def test_the_file_is_the_canonical_form_of_its_value() -> None:
    written = bundle_bytes(Bundle("{}", bytes(32), b"entry", "—", [KEY], stamps=[b"stamp"]))
    assert written.startswith(b'{"checkpoint_keys":["log.example/1+')
    assert b" " not in written
    assert json.loads(written)["stamps"] == ["c3RhbXA="]
