"""Two implementations that share no code agree: the server's and the verifier's."""

import ast
import json
from base64 import b64decode
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent_server import verify
from consent_server.ledger.merkle import ProofError, prove_inclusion, verify_inclusion
from consent_server.ledger.note import Signer, parse_vkey
from consent_server.ledger.tiles import append_leaves, reader_of
from consent_server.verify.keys import LOG, Key, parse_key
from consent_server.verify.log_proof import PathError, leaf_of, root_through
from tests.ledger.test_merkle import INCLUSION, hashes
from tests.ledger.vectors import VECTORS, needs_vectors, some_leaves

PACKAGE = Path(verify.__file__).parent


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import hides where it leads"
            names.add(node.module or "")
    return names


def test_the_verifier_stands_alone() -> None:
    names = set().union(*(imported(path) for path in PACKAGE.rglob("*.py")))
    ours = {name for name in names if name.split(".")[0] == "consent_server"}
    assert ours
    assert all(name.startswith("consent_server.verify") for name in ours)
    foreign = {"flask", "sqlalchemy", "marshmallow", "httpx", "rfc8785", "socket", "urllib"}
    assert not foreign & {name.split(".")[0] for name in names}


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_both_climb_to_the_same_root(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 700))
    index = data.draw(st.integers(0, size - 1))
    leaves = some_leaves(size)
    tree = append_leaves(0, {}, leaves)
    path = prove_inclusion(reader_of(tree.tiles), index, size)
    assert root_through(leaves[index], index, size, path) == tree.root


@needs_vectors
@pytest.mark.parametrize("path", INCLUSION, ids=lambda path: str(path.relative_to(VECTORS)))
def test_mk_2_both_judge_a_public_inclusion_vector_alike(path: Path) -> None:
    case = json.loads(path.read_text())
    index, size, proof = case["leafIdx"], case["treeSize"], hashes(case)
    leaf, root = b64decode(case["leafHash"] or ""), b64decode(case["root"] or "")
    try:
        verify_inclusion(leaf, index, size, proof, root)
        held = True
    except ProofError:
        held = False
    # The verifier hashes the leaf itself and reads 32-byte hashes only.
    if not 0 <= index < size or {len(each) for each in [leaf, root, *proof]} != {32}:
        assert not held
        return
    try:
        assert (root_through(leaf, index, size, proof) == root) is held
    except PathError:
        assert not held


@given(seed=st.binary(min_size=32, max_size=32), text=st.text())
def test_both_read_a_key_alike_and_agree_on_what_it_signed(seed: bytes, text: str) -> None:
    signer = Signer.from_seed("log.example/1", seed)
    key = parse_key(signer.key.vkey)
    assert (key.name, key.identity) == (signer.key.name, signer.key.key_id)
    text = text.encode(errors="replace").decode()
    signature = signer.sign(text).value
    assert key.signed(text.encode(), signature)
    assert not key.signed(text.encode() + b"!", signature)
    assert not key.signed(text.encode(), signature[:-1])


@needs_vectors
def test_the_public_signed_note_key_reads_alike() -> None:
    example = json.loads((VECTORS / "c2sp-spec/signed-note-vector.json").read_text())
    key = parse_key(example["vkey"])
    assert key.public == parse_vkey(example["vkey"]).public
    signature = b64decode(example["note"].rsplit(" ", 1)[1])
    assert key.signed(b"This is an example message.\n", signature[4:])


@needs_vectors
def test_ed25519_public_vectors() -> None:
    vectors = json.loads((VECTORS / "wycheproof/ed25519_test.json").read_text())
    judged = 0
    for group in vectors["testGroups"]:
        public = bytes.fromhex(group["publicKey"]["pk"])
        for test in group["tests"]:
            key = Key("log.example", b"", LOG, public)
            held = key.signed(bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"]))
            assert held is (test["result"] == "valid"), test["tcId"]
            judged += 1
    assert judged == vectors["numberOfTests"]


def test_a_leaf_is_hashed_alike() -> None:
    assert leaf_of(b"").hex().startswith("6e340b9c")
