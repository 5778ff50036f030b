"""A new key signs the log: what was signed before goes on being worth what it was."""

from __future__ import annotations

import json
import threading
from base64 import urlsafe_b64decode
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from consent_server import ledger
from consent_server.db import read
from consent_server.keyring import Keyring
from consent_server.ledger.canonical import canonical_bytes
from consent_server.ledger.checkpoint import open_checkpoint
from consent_server.ledger.cli import ledger_commands
from consent_server.ledger.jws import open_compact
from consent_server.ledger.log_keys import LogKeys, read_log_keys, rotate_log_key
from consent_server.ledger.note import Signer, parse_vkey
from consent_server.ledger.signer import _as_jwk, _base64url
from consent_server.problems import RefusedToStart
from consent_server.verify import verify_bundle
from tests.ledger.vectors import VECTORS, needs_vectors
from tests.ledger.world import World, append_many, dump_tree, make_signer, restore_tree

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

KIND = "consent-test+jwt"


def rotate(*words: str) -> dict[str, Any]:
    done = CliRunner().invoke(ledger_commands, ["rotate", "--json", *words])
    assert done.exit_code == 0, done.output
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def keys_folder(world: World) -> Path:
    folder: Path = world.app.extensions["consent.settings"].keys
    return folder


def unbase64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def holds(proof: bytes, *keys: str) -> bool:
    return verify_bundle(proof, keys=keys).holds


def test_tl_1_old_proofs_and_checkpoints_verify_after_the_key_was_renewed(
    world: World, client: FlaskClient
) -> None:
    (first,) = append_many(7, 1)
    append_many(8, 2, log="sandbox-8")
    world.sequence()
    old_key, old_proof = world.vkey(), ledger.proof_bytes(world.prove(7, first))
    old_note = client.get("/log/checkpoint").text

    said = rotate()
    assert said["signed_again"] == ["main", "sandbox-8"]
    assert said["key"] == world.vkey() != old_key
    # Only who vouches is new: name, size and root are what they were.
    note = client.get("/log/checkpoint").text
    assert note.split("\n\n")[0] == old_note.split("\n\n")[0]
    assert open_checkpoint(note, [parse_vkey(said["key"])]).size == 1
    assert holds(old_proof, old_key)
    assert not holds(old_proof, said["key"])
    again = ledger.proof_bytes(world.prove(7, first))
    assert holds(again, said["key"])
    assert not holds(again, old_key)
    every = CliRunner().invoke(ledger_commands, ["key", "--all"]).stdout
    listed = [line for line in every.splitlines() if not line.startswith("#")]
    assert listed == [said["key"], old_key]
    assert holds(old_proof, *listed)
    assert holds(again, *listed)


def test_the_log_goes_on_and_its_older_checkpoints_stay_its_own(world: World) -> None:
    for _ in range(3):
        append_many(7, 3)
        world.sequence()
        rotate()
    append_many(7, 1)
    world.sequence()
    assert world.findings() == []
    ledger.refuse_other_history(world.signer)


def test_jw_1_retired_keys_stay_in_the_key_set_with_their_times(
    world: World, client: FlaskClient
) -> None:
    append_many(7, 1)
    world.sequence()
    (before,) = client.get("/.well-known/jwks.json").get_json()["keys"]
    first = int(world.clock().timestamp())
    rotate()
    world.clock.advance(days=3)
    rotate("--leaked")
    newest, leaked, oldest = client.get("/.well-known/jwks.json").get_json()["keys"]
    at = int(world.clock().timestamp())
    assert oldest == {**before, "exp": first}
    assert (leaked["iat"], leaked["exp"]) == (first, at)
    assert leaked["revoked"] == {"revoked_at": at, "reason": "compromised"}
    assert newest["iat"] == at
    assert "exp" not in newest
    for key in (newest, leaked, oldest):
        required = {name: key[name] for name in ("crv", "kty", "x")}
        assert key["kid"] == _base64url(sha256(canonical_bytes(required)).digest())
        assert "d" not in key


def test_jw_1_a_statement_is_read_by_anybody_with_the_key_that_it_names(
    world: World, client: FlaskClient
) -> None:
    old = world.signer.sign_statement({"answer": "no"}, KIND)
    rotate()
    new = world.signer.sign_statement({"answer": "yes"}, KIND)
    assert world.signer.read_statement(old, KIND) == {"answer": "no"}
    assert world.signer.read_statement(new, KIND) == {"answer": "yes"}
    keys = {
        key["kid"]: Ed25519PublicKey.from_public_bytes(unbase64(key["x"]))
        for key in client.get("/.well-known/jwks.json").get_json()["keys"]
    }
    for text, said in ((old, {"answer": "no"}), (new, {"answer": "yes"})):
        signed, _, signature = text.rpartition(".")
        header, payload = map(unbase64, signed.split("."))
        keys[json.loads(header)["kid"]].verify(unbase64(signature), signed.encode())
        assert json.loads(payload) == said


@needs_vectors
def test_jw_1_the_public_example_has_our_signature_and_our_name_for_its_key() -> None:
    """RFC 8037, appendix A: same seed, same bytes signed, same signature, same thumbprint."""
    example = json.loads((VECTORS / "jws/rfc8037-appendix-a.json").read_text())
    seed, public = (unbase64(example["jwk"][name]) for name in ("d", "x"))
    assert LogKeys(seed).current.public == public
    assert _as_jwk(public)["kid"] == example["jwk_thumbprint_sha256"]
    signed, _, signature = example["jws_compact"].rpartition(".")
    key = Signer.from_seed("example", seed)
    assert key.sign(signed).value == unbase64(signature)
    # It names the older algorithm, and no use: whatever the key, we take no such thing.
    assert open_compact(example["jws_compact"], public=public, kind=KIND) is None


def test_what_a_leaked_key_stated_is_believed_no_more(world: World) -> None:
    old = world.signer.sign_statement({"answer": "yes"}, KIND)
    rotate("--leaked")
    assert world.signer.read_statement(old, KIND) is None
    # Signing with a third key gives the leaked one no more weight.
    rotate()
    assert world.signer.read_statement(old, KIND) is None


def test_a_worker_at_work_takes_the_new_key_and_signs_nothing_wrong(world: World) -> None:
    """A sequencer and a rotation meet again and again: every head is by a key that is known."""
    folder, ready = keys_folder(world), threading.Event()

    def renew() -> None:
        for _ in range(20):
            ready.wait(0.002)
            rotate_log_key(folder, leaked=False, now=1)

    renewing = threading.Thread(target=renew)
    renewing.start()
    for _ in range(25):
        append_many(7, 2)
        world.sequence(batch=1)
    renewing.join()
    append_many(7, 1)
    world.sequence()
    assert len(read_log_keys(folder).retired) == 20
    assert world.findings() == []
    with read() as tx:
        head = ledger.read_head(tx, "main")
    assert head is not None
    assert world.signer.signers_of(head.origin, head.checkpoint) == [
        world.signer.key_for(head.origin)
    ]


def test_a_crash_between_the_two_files_leaves_one_key_in_force(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = keys_folder(world)
    before = read_log_keys(folder)

    def no_power(path: Path, data: bytes) -> None:
        if path.name == "log.key":
            raise OSError("no power")
        path.write_bytes(data)
        path.chmod(0o600)

    with monkeypatch.context() as power_cut:
        power_cut.setattr("consent_server.ledger.log_keys.replace_secret", no_power)
        with pytest.raises(OSError, match="no power"):
            rotate_log_key(folder, leaked=False, now=5)
    assert read_log_keys(folder) == before
    rotate_log_key(folder, leaked=False, now=9)
    after = read_log_keys(folder)
    assert [each.public for each in after.retired] == [before.current.public]
    assert after.retired[0].until == 9


def test_nothing_is_renewed_over_a_database_that_was_set_back(world: World) -> None:
    append_many(7, 1)
    world.sequence()
    yesterday = dump_tree()
    append_many(7, 1)
    world.sequence()
    restore_tree(yesterday)
    key = world.vkey()
    refused = CliRunner().invoke(ledger_commands, ["rotate"])
    assert isinstance(refused.exception, ledger.RefusedToSign)
    assert world.vkey() == key


@pytest.mark.parametrize(
    "line", ["x", "AAAA retired 5", "%s gone 5", "%s retired", "%s leaked x"]
)
def test_a_list_of_retired_keys_that_was_damaged_is_refused(world: World, line: str) -> None:
    folder = keys_folder(world)
    path = folder / "log.retired"
    path.write_text(line.replace("%s", "A" * 43 + "=") + "\n")
    with pytest.raises(RefusedToStart, match="line 1: not a key"):
        read_log_keys(folder)


def test_the_secret_of_a_retired_key_is_gone(world: World) -> None:
    folder = keys_folder(world)
    secret = (folder / "log.key").read_bytes()
    rotate()
    for path in folder.iterdir():
        assert secret.strip() not in path.read_bytes()
        if path.name != "log.lock":
            assert path.stat().st_mode & 0o077 == 0
    assert Keyring.open(folder).folder == folder
    assert make_signer(world.app).known_keys() == world.signer.known_keys()
