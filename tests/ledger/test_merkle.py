"""The tree: public vectors, known constants, and what no proof may get away with."""

import json
from base64 import b64decode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.ledger.merkle import (
    EMPTY_ROOT,
    ProofError,
    ProofLengthError,
    RootMismatchError,
    SizeError,
    leaf_hash,
    node_hash,
    prove_consistency,
    prove_inclusion,
    root_hash,
    verify_consistency,
    verify_inclusion,
)
from tests.ledger.vectors import VECTORS, naive_root, needs_vectors, some_leaves

INCLUSION = sorted((VECTORS / "merkle/testdata/inclusion").rglob("*.json"))
CONSISTENCY = sorted((VECTORS / "merkle/testdata/consistency").rglob("*.json"))


def reader(leaves: list[bytes]) -> Callable[[int, int], bytes]:
    def read(level: int, place: int) -> bytes:
        return naive_root(leaves[place << level : (place + 1) << level])

    return read


def expect(case: dict[str, Any], check: Callable[[], None]) -> None:
    if case["wantErr"]:
        with pytest.raises(ProofError):
            check()
    else:
        check()


def hashes(case: dict[str, Any]) -> list[bytes]:
    return [b64decode(each) for each in case["proof"] or []]


@needs_vectors
def test_the_public_vectors_are_all_here() -> None:
    assert len(INCLUSION) + len(CONSISTENCY) == 196


@needs_vectors
@pytest.mark.parametrize("path", INCLUSION, ids=lambda path: str(path.relative_to(VECTORS)))
def test_mk_2_public_inclusion_vector(path: Path) -> None:
    case = json.loads(path.read_text())
    leaf, root = b64decode(case["leafHash"] or ""), b64decode(case["root"] or "")
    expect(
        case,
        lambda: verify_inclusion(leaf, case["leafIdx"], case["treeSize"], hashes(case), root),
    )


@needs_vectors
@pytest.mark.parametrize("path", CONSISTENCY, ids=lambda path: str(path.relative_to(VECTORS)))
def test_mk_2_public_consistency_vector(path: Path) -> None:
    case = json.loads(path.read_text())
    root1, root2 = b64decode(case["root1"] or ""), b64decode(case["root2"] or "")
    expect(
        case,
        lambda: verify_consistency(case["size1"], case["size2"], hashes(case), root1, root2),
    )


@needs_vectors
def test_mk_1_the_reference_leaves_give_the_reference_roots() -> None:
    reference = json.loads((VECTORS / "merkle/ct-reference-roots.json").read_text())
    leaves = [leaf_hash(bytes.fromhex(leaf)) for leaf in reference["leaves_hex"]]
    for size, root in enumerate(reference["roots_hex_by_size"]):
        assert root_hash(reader(leaves), size).hex() == root


def test_mk_1_leaves_and_nodes_hash_as_published() -> None:
    assert EMPTY_ROOT.hex().startswith("e3b0c442")
    assert EMPTY_ROOT.hex().endswith("b855")
    assert leaf_hash(b"").hex().startswith("6e340b9c")
    assert leaf_hash(b"L123456").hex().startswith("395aa064")
    assert node_hash(b"N123", b"N456").hex().startswith("aa217fe8")


def test_every_leaf_of_every_small_tree_proves_its_place() -> None:
    for size in range(1, 40):
        leaves = some_leaves(size)
        root = naive_root(leaves)
        for index in range(size):
            proof = prove_inclusion(reader(leaves), index, size)
            verify_inclusion(leaves[index], index, size, proof, root)


def test_every_small_tree_is_shown_to_extend_every_smaller_one() -> None:
    leaves = some_leaves(40)
    for size2 in range(1, 41):
        for size1 in range(1, size2 + 1):
            proof = prove_consistency(reader(leaves), size1, size2)
            roots = naive_root(leaves[:size1]), naive_root(leaves[:size2])
            verify_consistency(size1, size2, proof, *roots)


def test_a_proof_for_one_leaf_serves_no_other_index() -> None:
    for size in range(2, 34):
        leaves = some_leaves(size)
        root = naive_root(leaves)
        proof = prove_inclusion(reader(leaves), 1, size)
        for index in set(range(size)) - {1}:
            with pytest.raises(ProofError):
                verify_inclusion(leaves[1], index, size, proof, root)


@given(data=st.data())
def test_a_changed_hash_in_a_proof_leads_elsewhere(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 200))
    index = data.draw(st.integers(0, size - 1))
    leaves = some_leaves(size)
    proof = prove_inclusion(reader(leaves), index, size)
    changed = data.draw(st.integers(0, len(proof) - 1))
    bit = data.draw(st.integers(0, 255))
    number = int.from_bytes(proof[changed], "big") ^ (1 << bit)
    proof[changed] = number.to_bytes(32, "big")
    with pytest.raises(RootMismatchError) as refused:
        verify_inclusion(leaves[index], index, size, proof, naive_root(leaves))
    assert refused.value.expected == naive_root(leaves)


def test_a_rewritten_past_cannot_be_shown_consistent() -> None:
    honest, forged = some_leaves(9), some_leaves(9)
    forged[2] = sha256(b"another past").digest()
    for size1 in range(3, 9):
        proof = prove_consistency(reader(forged), size1, 9)
        with pytest.raises(RootMismatchError):
            verify_consistency(size1, 9, proof, naive_root(honest[:size1]), naive_root(forged))


def test_mk_2_an_empty_tree_proves_nothing_not_even_about_itself() -> None:
    for size2 in (0, 1, 7):
        with pytest.raises(SizeError):
            verify_consistency(0, size2, [], EMPTY_ROOT, EMPTY_ROOT)
        with pytest.raises(SizeError):
            prove_consistency(reader([]), 0, size2)


def test_a_leaf_beyond_the_tree_has_no_proof() -> None:
    for index in (-1, 3, 4):
        with pytest.raises(SizeError):
            prove_inclusion(reader(some_leaves(3)), index, 3)


def test_a_hash_too_many_or_too_few_is_counted() -> None:
    leaves = some_leaves(7)
    proof = prove_inclusion(reader(leaves), 3, 7)
    for wrong in ([*proof, proof[0]], proof[:-1]):
        with pytest.raises(ProofLengthError) as refused:
            verify_inclusion(leaves[3], 3, 7, wrong, naive_root(leaves))
        assert (refused.value.expected, refused.value.got) == (3, len(wrong))


def test_bytes_cannot_move_from_one_child_to_the_other() -> None:
    leaves = some_leaves(2)
    whole, root = leaves[0] + leaves[1], naive_root(leaves)
    with pytest.raises(ProofError, match="32 bytes"):
        verify_inclusion(whole[:33], 0, 2, [whole[33:]], root)
    with pytest.raises(ProofError, match="32 bytes"):
        verify_consistency(1, 2, [b"short"], leaves[0], root)
