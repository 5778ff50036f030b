"""The Merkle tree of RFC 6962 and 9162: hashes, proofs made and proofs checked; pure.

A node (level, place) is the root of the complete subtree over the leaves
[place << level, (place + 1) << level). A complete node never changes once it exists, so
whoever stores them (see tiles) may hand out any that exists, whatever the size asked.
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()

NodeReader = Callable[[int, int], bytes]
"""Gives the hash of the complete subtree (level, place)."""


class Node(NamedTuple):
    """A complete subtree of 2**level leaves, and its place among those of its level."""

    level: int
    place: int


class Span(NamedTuple):
    """A run of leaves that is one node of some tree, complete or at its right edge."""

    start: int
    end: int


class ProofError(ValueError):
    """A proof that does not prove what it claims, or cannot exist."""


class SizeError(ProofError):
    """The sizes or the index make no sense together (size 0 proves nothing)."""


class ProofLengthError(ProofError):
    """The proof has too few or too many hashes."""

    def __init__(self, expected: int, got: int) -> None:
        """Say how many hashes were due."""
        super().__init__(f"the proof has {got} hashes, {expected} are due")
        self.expected = expected
        self.got = got


class RootMismatchError(ProofError):
    """The proof leads to another root than the one given."""

    def __init__(self, which: str, expected: bytes, computed: bytes) -> None:
        """Say which root, and hold both."""
        super().__init__(f"{which}: {computed.hex()} computed, {expected.hex()} given")
        self.which = which
        self.expected = expected
        self.computed = computed


def leaf_hash(data: bytes) -> bytes:
    """Hash an entry into a leaf; the 0x00 keeps a leaf from passing for a node."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two children into their parent."""
    return sha256(b"\x01" + left + right).digest()


def complete_nodes(span: Span) -> Iterator[Node]:
    """Cut a span into the complete subtrees that cover it, left to right."""
    at, left = span.start, span.end - span.start
    while left:
        level = left.bit_length() - 1
        yield Node(level, at >> level)
        at += 1 << level
        left -= 1 << level


def span_hash(read: NodeReader, span: Span) -> bytes:
    """Hash a span from stored complete subtrees, folding from the right."""
    hashes = [read(level, place) for level, place in complete_nodes(span)]
    if not hashes:
        return EMPTY_ROOT
    root = hashes.pop()
    while hashes:
        root = node_hash(hashes.pop(), root)
    return root


def root_hash(read: NodeReader, size: int) -> bytes:
    """Give the root of the tree of this size."""
    return span_hash(read, Span(0, size))


def inclusion_spans(index: int, size: int) -> list[Span]:
    """Name the siblings that prove a leaf's place, leaf upwards (RFC 6962, 2.1.1)."""
    if not 0 <= index < size:
        raise SizeError(f"no leaf {index} in a tree of {size}")
    start, end = 0, size
    spans = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            spans.append(Span(middle, end))
            end = middle
        else:
            spans.append(Span(start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(size1: int, size2: int) -> list[Span]:
    """Name the nodes that prove one tree a prefix of another (RFC 6962, 2.1.2)."""
    _require_sizes(size1, size2)
    start, end = 0, size2
    spans = []
    while end != size1:
        middle = start + _split(end - start)
        if size1 <= middle:
            spans.append(Span(middle, end))
            end = middle
        else:
            spans.append(Span(start, middle))
            start = middle
    if start:
        spans.append(Span(start, end))
    return spans[::-1]


def prove_inclusion(read: NodeReader, index: int, size: int) -> list[bytes]:
    """Give the hashes that lead from this leaf to the root of the tree of this size."""
    return [span_hash(read, span) for span in inclusion_spans(index, size)]


def prove_consistency(read: NodeReader, size1: int, size2: int) -> list[bytes]:
    """Give the hashes that show the tree of size1 to be a prefix of that of size2."""
    return [span_hash(read, span) for span in consistency_spans(size1, size2)]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check a leaf's place under a root (RFC 9162, 2.1.3.2); raises ProofError if not so."""
    due = len(inclusion_spans(index, size))
    if len(proof) != due:
        raise ProofLengthError(due, len(proof))
    _require_hashes([leaf, *proof])
    computed, at, last = leaf, index, size - 1
    for sibling in proof:
        if at & 1 or at == last:
            computed = node_hash(sibling, computed)
            at, last = _climb_to_left_child(at, last)
        else:
            computed = node_hash(computed, sibling)
        at, last = at >> 1, last >> 1
    _require_root("root", root, computed)


def verify_consistency(
    size1: int, size2: int, proof: Sequence[bytes], root1: bytes, root2: bytes
) -> None:
    """Check that root1 is a prefix of root2 (RFC 9162, 2.1.4.2); raises ProofError if not."""
    due = len(consistency_spans(size1, size2))
    if len(proof) != due:
        raise ProofLengthError(due, len(proof))
    if size1 == size2:
        _require_root("root of both", root2, root1)
        return
    _require_hashes(proof)
    # A complete first tree is itself the first node: its root is left out of the proof.
    hashes = [root1, *proof] if size1 & (size1 - 1) == 0 else list(proof)
    at, last = size1 - 1, size2 - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    computed1, computed2 = _fold_consistency(hashes, at, last)
    _require_root("first root", root1, computed1)
    _require_root("second root", root2, computed2)


def _fold_consistency(hashes: Sequence[bytes], at: int, last: int) -> tuple[bytes, bytes]:
    computed1 = computed2 = hashes[0]
    for sibling in hashes[1:]:
        if at & 1 or at == last:
            computed1 = node_hash(sibling, computed1)
            computed2 = node_hash(sibling, computed2)
            at, last = _climb_to_left_child(at, last)
        else:
            computed2 = node_hash(computed2, sibling)
        at, last = at >> 1, last >> 1
    return computed1, computed2


def _climb_to_left_child(at: int, last: int) -> tuple[int, int]:
    """Skip the levels where the right edge has no sibling of its own."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _split(count: int) -> int:
    """Give the largest power of two below this count."""
    return 1 << (count - 1).bit_length() - 1


def _require_sizes(size1: int, size2: int) -> None:
    # An empty tree is a prefix of every tree: a proof from it would say nothing.
    if not 1 <= size1 <= size2:
        raise SizeError(f"no proof leads from size {size1} to size {size2}")


def _require_hashes(hashes: Sequence[bytes]) -> None:
    # A node is hashed from its two children end to end: were lengths free, bytes could
    # move from one child to the other unseen.
    if any(len(each) != HASH_SIZE for each in hashes):
        raise ProofError(f"a hash is not {HASH_SIZE} bytes")


def _require_root(which: str, expected: bytes, computed: bytes) -> None:
    if expected != computed:
        raise RootMismatchError(which, expected, computed)
