"""The `.tlog-proof` file (c2sp.org/tlog-proof@v1): where an entry stands, and under what."""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass

HEADER = "c2sp.org/tlog-proof@v1"


class TlogProofError(ValueError):
    """Not a tlog-proof text."""


@dataclass(frozen=True)
class TlogProof:
    """An entry's index, the hashes up to the root, and the signed checkpoint, verbatim."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None


def format_tlog_proof(proof: TlogProof) -> str:
    """Write a proof as text."""
    lines = [HEADER]
    if proof.extra is not None:
        lines.append(f"extra {b64encode(proof.extra).decode()}")
    lines.append(f"index {proof.index}")
    lines += [b64encode(each).decode() for each in proof.hashes]
    return "\n".join([*lines, "", proof.checkpoint])


_PROOF = re.compile(
    r"c2sp\.org/tlog-proof@v1\n"
    r"(?:extra ([A-Za-z0-9+/]*={0,2})\n)?"
    r"index (0|[1-9][0-9]{0,18})\n"
    r"((?:[A-Za-z0-9+/]{43}=\n){0,63})"
    r"\n(.+)",
    re.DOTALL,
)


def parse_tlog_proof(text: str) -> TlogProof:
    """Read a proof; raises TlogProofError unless it is in its one form."""
    found = _PROOF.fullmatch(text)
    if found is None:
        raise TlogProofError("not a tlog-proof")
    extra, index, hashes, checkpoint = found.groups()
    try:
        proof = TlogProof(
            int(index),
            tuple(b64decode(line) for line in hashes.split()),
            checkpoint,
            None if extra is None else b64decode(extra, validate=True),
        )
    except ValueError as error:
        raise TlogProofError("not base64") from error
    if format_tlog_proof(proof) != text:
        raise TlogProofError("not a tlog-proof in its one form")
    return proof
