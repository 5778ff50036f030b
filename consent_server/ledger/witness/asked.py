"""What a log sends its witness: the size it had, the proof from there, the checkpoint."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Final

MOST_HASHES: Final = 63
_BODY: Final = re.compile(
    r"old (0|[1-9][0-9]{0,18})\n"
    rf"((?:[A-Za-z0-9+/]{{43}}=\n){{0,{MOST_HASHES}}})"
    r"\n(.+)",
    re.DOTALL,
)


class NotAskedWell(ValueError):
    """The body is not one of `add-checkpoint`."""


@dataclass(frozen=True)
class Asked:
    """A checkpoint to cosign, and why it continues the one of size `old`."""

    old: int
    proof: tuple[bytes, ...]
    note: str


def write_asked(asked: Asked) -> bytes:
    """Write the body of a request."""
    hashes = "".join(f"{b64encode(each).decode()}\n" for each in asked.proof)
    return f"old {asked.old}\n{hashes}\n{asked.note}".encode()


def read_asked(body: bytes) -> Asked:
    """Read the body of a request; raises NotAskedWell."""
    try:
        found = _BODY.fullmatch(body.decode())
    except UnicodeDecodeError as error:
        raise NotAskedWell("the body is not UTF-8") from error
    if found is None:
        raise NotAskedWell(
            f"`old` and a size, at most {MOST_HASHES} hashes, an empty line and a checkpoint"
        )
    proof = tuple(b64decode(line) for line in found[2].split())
    asked = Asked(int(found[1]), proof, found[3])
    if write_asked(asked) != body:
        raise NotAskedWell("a hash is not base64 in its one form")
    return asked
