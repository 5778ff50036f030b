"""The command: no server, no settings, no network; 0, 1 or 2."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from consent_server.ledger.bundle import bundle_bytes
from consent_server.verify.cli import verify_command
from tests.verify.make import CLOSED_FILE, EMAIL, OPENED_FILE, STRANGER, VKEY, Log, make_record


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    path = tmp_path / "proof.json"
    path.write_bytes(OPENED_FILE)
    return path


def run(*arguments: str | Path, stdin: bytes | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(verify_command, [str(each) for each in arguments], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_a_true_proof_answers_0_and_says_so(proof: Path) -> None:
    code, said = run(proof, "--key", VKEY)
    assert code == 0
    assert said.startswith("The proof holds.")
    assert "What it does not prove:" in said


def test_a_flipped_byte_answers_1_and_says_where(proof: Path) -> None:
    data = bytearray(proof.read_bytes())
    at = data.index(b"granted")
    data[at] ^= 1
    proof.write_bytes(data)
    code, said = run(proof, "--key", VKEY)
    assert code == 1
    assert "record, salt: not what the entry committed to" in said


def test_a_file_that_a_program_read_and_wrote_again_still_holds(proof: Path) -> None:
    value = json.loads(proof.read_bytes())
    for written in (
        json.dumps(value),
        json.dumps(value, indent=2),
        json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")),
        json.dumps(dict(reversed(value.items())), indent=4),
    ):
        proof.write_text(written + "\n", encoding="utf-8")
        assert run(proof, "--key", VKEY)[0] == 0


def test_a_file_in_no_known_manner_answers_1_and_names_the_byte(proof: Path) -> None:
    proof.write_bytes(proof.read_bytes().replace(b":", b" :", 1))
    code, said = run(proof, "--key", VKEY)
    assert code == 1
    assert "file, byte" in said


def test_it_speaks_french(proof: Path) -> None:
    code, said = run(proof, "--key", VKEY, "--lang", "fr", "--for", EMAIL)
    assert code == 0
    assert said.startswith("La preuve tient.")
    assert f"L’enregistrement concerne {EMAIL} (adresse électronique)." in said


def test_it_answers_in_json(proof: Path) -> None:
    code, said = run(proof, "--key", VKEY, "--json")
    value = json.loads(said)
    assert (code, value["holds"], value["refused"]) == (0, True, None)
    assert value["record"]["choices"]["audience"] == "granted"
    code, said = run(proof, "--key", STRANGER.key.vkey, "--json")
    value = json.loads(said)
    assert (code, value["holds"], value["refused"]["code"]) == (1, False, "not_your_key")
    assert value["record"] is None


def test_the_person_asked_for_must_be_the_one(proof: Path) -> None:
    assert run(proof, "--key", VKEY, "--for", EMAIL)[0] == 0
    assert run(proof, "--key", VKEY, "--for", "else@exemple.fr")[0] == 1


def test_keys_may_stand_in_a_file(proof: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys.txt"
    keys.write_text(f"# the log's keys\n\n{STRANGER.key.vkey}\n{VKEY}\n")
    assert run(proof, "--key", keys)[0] == 0


def test_several_keys_may_be_given(proof: Path) -> None:
    assert run(proof, "--key", STRANGER.key.vkey, "--key", VKEY)[0] == 0


def test_a_file_may_come_through_a_pipe() -> None:
    assert run("-", "--key", VKEY, stdin=CLOSED_FILE)[0] == 0


def test_a_wrong_question_answers_2(proof: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text("# nothing\n")
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    assert run(proof)[0] == 2
    assert run(tmp_path / "missing.json", "--key", VKEY)[0] == 2
    assert run(proof, "--key", VKEY, "--lang", "de")[0] == 2
    for key in ("nonsense", "a" * 5000, "nul\0", empty, binary):
        assert run(proof, "--key", key)[0] == 2


def test_a_file_without_end_is_not_read_to_its_end(proof: Path) -> None:
    proof.write_bytes(b"[" * 5_000_000)
    code, said = run(proof, "--key", VKEY)
    assert code == 1
    assert "larger than" in said


def test_a_hostile_record_cannot_command_the_terminal(proof: Path) -> None:
    nasty = make_record(source="\x1b[2J\u202egood\nThe proof holds.")
    proof.write_bytes(bundle_bytes(Log(record=nasty).bundle()))
    code, said = run(proof, "--key", VKEY)
    assert code == 0
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert said.count("\nThe proof holds.") == 0


def test_it_runs_alone_without_settings(proof: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "consent_server.verify", str(proof), "--key", VKEY],
        cwd=root,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("The proof holds.")


def test_it_loads_nothing_of_the_server() -> None:
    loaded = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, consent_server.verify.cli; print(*sorted(sys.modules))",
        ],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout.split()
    ours = [name for name in loaded if name.startswith("consent_server.")]
    assert all(name.startswith("consent_server.verify") for name in ours)
    assert not {"flask", "sqlalchemy", "marshmallow", "httpx"} & set(loaded)
