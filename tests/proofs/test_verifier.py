"""The verifier as one file: it runs on a bare Python, in an empty folder, and says the same."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from consent_server.ledger.note import Signer
from consent_server.proofs import packed as packing
from consent_server.proofs import verifier
from consent_server.proofs.cli import verifier_command
from consent_server.verify import ed25519
from consent_server.verify.signature import signed_by
from tests.ledger.vectors import VECTORS, needs_vectors
from tests.verify.make import EMAIL, OPENED_FILE, STRANGER, VKEY

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("elsewhere")
    made = CliRunner().invoke(verifier_command, ["-o", str(place / verifier.NAME)])
    assert made.exit_code == 0
    return place


def run(folder: Path, proof: bytes, *words: str) -> subprocess.CompletedProcess[bytes]:
    # Without site-packages, without the environment, without the folder it stands in.
    python = [sys.executable, "-I", "-S", verifier.NAME]
    return subprocess.run(
        [*python, "-", *words], input=proof, cwd=folder, capture_output=True, check=False
    )


def test_on_a_bare_python_a_true_proof_holds_and_names_its_person(folder: Path) -> None:
    done = run(folder, OPENED_FILE, "--key", VKEY, "--for", EMAIL, "--lang", "fr")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().startswith("La preuve tient.")
    assert EMAIL in done.stdout.decode()


def test_on_a_bare_python_a_false_one_breaks_and_says_where(folder: Path) -> None:
    false = OPENED_FILE.replace(b"granted", b"grantee")
    done = run(folder, false, "--key", VKEY, "--json")
    refused = json.loads(done.stdout)["refused"]
    assert (done.returncode, refused["where"]) == (1, "record, salt")
    assert run(folder, OPENED_FILE, "--key", STRANGER.key.vkey).returncode == 1


def test_a_wrong_question_answers_2_in_words(folder: Path) -> None:
    (folder / "roots.pem").write_bytes(b"-----")
    for words in (
        (),
        ("--key", "none"),
        ("--key", VKEY, "--authority", "roots.pem"),
        ("--key", VKEY, "--authority", "elsewhere.pem"),
    ):
        done = run(folder, OPENED_FILE, *words)
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"Traceback" not in done.stderr
    # Who stamped is a question for libraries that this Python does not have.
    assert b"rfc3161-client" in run(
        folder, OPENED_FILE, "--key", VKEY, "--authority", "roots.pem"
    ).stderr  # fmt: skip


def test_the_file_is_the_same_whenever_it_is_made(folder: Path) -> None:
    made = (folder / verifier.NAME).read_bytes()
    verifier.verifier_file.cache_clear()
    assert verifier.verifier_file() == made
    files = {"b": b"1", "a": b"2"}
    assert packing.packed(files) == packing.packed(dict(files))


@needs_vectors
def test_the_plain_signature_check_agrees_with_the_public_vectors() -> None:
    text = (VECTORS / "wycheproof/ed25519_test.json").read_text()
    count = 0
    for group in json.loads(text)["testGroups"]:
        public = bytes.fromhex(group["publicKey"]["pk"])
        for case in group["tests"]:
            signature, message = bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"])
            found = ed25519.verifies(public, signature, message)
            assert found == (case["result"] == "valid"), case["tcId"]
            count += 1
    assert count >= 150


@settings(max_examples=10)
@given(seed=st.binary(min_size=32, max_size=32), text=st.text(max_size=50), data=st.data())
def test_both_signature_checks_say_the_same_of_true_and_flipped(
    seed: bytes, text: str, data: st.DataObject
) -> None:
    note = f"{text}\n"
    signer = Signer.from_seed("log.example/1", seed)
    public, signature = signer.key.public, bytearray(signer.sign(note).value)
    assert ed25519.verifies(public, bytes(signature), note.encode())
    signature[data.draw(st.integers(0, 63))] ^= 1 << data.draw(st.integers(0, 7))
    assert not ed25519.verifies(public, bytes(signature), note.encode())
    assert not signed_by(public, bytes(signature), note.encode())


@pytest.mark.parametrize("public", [b"\xff" * 32, b"\x02" + bytes(31), bytes(31)])
def test_what_is_no_point_is_no_key(public: bytes) -> None:
    assert not ed25519.verifies(public, bytes(64), b"")
