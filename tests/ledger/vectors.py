"""Where the public test vectors stand, and the tree as its definition says, slowly."""

from hashlib import sha256
from pathlib import Path

import pytest

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors"

needs_vectors = pytest.mark.skipif(
    not VECTORS.is_dir(), reason="the public vectors (../shared/vectors) are not here"
)


def naive_root(leaves: list[bytes]) -> bytes:
    """Hash a list of leaf hashes by the recursive definition of RFC 6962, 2.1."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = naive_root(leaves[:split]), naive_root(leaves[split:])
    return sha256(b"\x01" + left + right).digest()


def some_leaves(count: int) -> list[bytes]:
    """Make distinct leaf hashes."""
    return [sha256(b"\x00" + str(number).encode()).digest() for number in range(count)]
