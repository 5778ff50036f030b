"""`.tlog-proof` files: what other people's tools read, with the record in its own line."""

from __future__ import annotations

import os
from base64 import b64encode
from typing import TYPE_CHECKING

from click.testing import CliRunner

from consent_server.ledger.bundle import bundle_value, tlog_proof_bytes
from consent_server.ledger.canonical import canonical_bytes
from consent_server.ledger.tlog_proof import parse_tlog_proof
from consent_server.verify import verify_bundle
from consent_server.verify.cli import verify_command
from tests.verify.make import CLOSED, EMAIL, OPENED_FILE, TLOG_FILE, VKEY, Log

if TYPE_CHECKING:
    from pathlib import Path


def refused(file: bytes) -> tuple[str, str]:
    refusal = verify_bundle(file, keys=[VKEY]).refusal
    assert refusal is not None
    assert refusal.place is not None
    return refusal.code, refusal.place.say("en")


def with_extra(extra: bytes | None) -> bytes:
    lines = TLOG_FILE.decode().split("\n")
    lines[1:2] = [] if extra is None else [f"extra {b64encode(extra).decode()}"]
    return "\n".join(lines).encode()


def test_tl_4_the_file_shows_what_the_bundle_shows() -> None:
    of_bundle = verify_bundle(OPENED_FILE, keys=[VKEY], identifier=EMAIL)
    of_file = verify_bundle(TLOG_FILE, keys=[VKEY], identifier=EMAIL)
    assert of_file.holds
    assert of_file.findings == of_bundle.findings
    assert of_file.record == of_bundle.record
    assert len(TLOG_FILE) < 4096


def test_tl_4_without_the_extra_line_it_is_the_text_of_the_bundle() -> None:
    """So any tool that reads the format finds the entry in the log."""
    proof = parse_tlog_proof(TLOG_FILE.decode())
    bare = "\n".join(line for line in TLOG_FILE.decode().split("\n") if line[:6] != "extra ")
    assert bare == CLOSED.tlog_proof
    assert proof.index == 300


def test_tl_4_the_command_takes_it(tmp_path: Path) -> None:
    path = tmp_path / "dec.tlog-proof"
    path.write_bytes(TLOG_FILE)
    told = CliRunner().invoke(verify_command, [str(path), "--key", VKEY, "--for", EMAIL])
    assert told.exit_code == 0
    assert "The proof holds." in told.stdout


def test_a_file_without_a_record_or_with_too_much_is_refused_with_where() -> None:
    known = {
        name: each
        for name, each in bundle_value(CLOSED).items()
        if name not in {"format", "tlog_proof"}
    }
    assert refused(with_extra(None)) == ("wrong_line", "tlog_proof, line 2")
    assert refused(with_extra(b"{}")) == ("missing_field", "extra.checkpoint_keys")
    assert refused(with_extra(b"[]")) == ("not_an_object", "extra")
    assert refused(with_extra(canonical_bytes({**known, "more": 1}))) == (
        "unknown_field",
        "extra.more",
    )
    spaced = canonical_bytes(known).replace(b'":', b'": ', 1)
    assert refused(with_extra(spaced))[0] == "not_exact"
    assert refused(TLOG_FILE + b"\n") == ("wrong_line", "tlog_proof, line 20")
    assert refused(b"c" * (4 * 1024 * 1024 + 1)) == ("too_big", "file")
    beyond = tlog_proof_bytes(bundle_value(Log(index=300, size=700).bundle()))
    beyond = beyond.replace(b"index 300", b"index 700")
    assert refused(beyond) == ("beyond_log", "tlog_proof, line 3")


def test_111_every_flipped_byte_of_the_file_is_refused_and_placed() -> None:
    """One bit of each byte here; all of them when CONSENT_TEST_WHOLE is set."""
    whole = bool(os.environ.get("CONSENT_TEST_WHOLE"))
    for at in range(len(TLOG_FILE)):
        for bit in range(8) if whole else (at % 8,):
            flipped = bytearray(TLOG_FILE)
            flipped[at] ^= 1 << bit
            code, place = refused(bytes(flipped))
            assert code, (at, bit)
            assert place, (at, bit)
