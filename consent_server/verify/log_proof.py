"""The tlog-proof text, line by line: index, path, checkpoint, signatures."""

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from consent_server.verify.verdict import Place, Refused

FIELD = "tlog_proof"
HEADER = r"c2sp\.org/tlog-proof@v1"
_COUNT = r"(0|[1-9][0-9]{0,17})"
_HASH = re.compile(r"[A-Za-z0-9+/]{43}=")
_SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")


@dataclass(frozen=True)
class SignatureLine:
    """Who says to have signed, on which line."""

    line: int
    name: str
    identity: bytes
    value: bytes


@dataclass(frozen=True)
class LogProof:
    """Where an entry stands in a log, and the signed head of that log."""

    index: int
    path: Sequence[bytes]
    origin: str
    size: int
    root: bytes
    signed_text: bytes
    signatures: Sequence[SignatureLine]
    # What stands on the line `extra` of a file of its own; nothing of it is believed yet.
    extra: bytes | None = None
    index_line: int = 2


class _Lines:
    """Reads lines one after the other and knows where it is."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self.number = 0
        if self._lines.pop():
            raise Refused("no_last_newline", Place(FIELD, line=len(self._lines) + 1))

    def left(self) -> bool:
        return self.number < len(self._lines)

    def take(self, pattern: str | re.Pattern[str], expected: str) -> re.Match[str]:
        line = self._lines[self.number] if self.left() else ""
        self.number += 1
        found = re.fullmatch(pattern, line)
        if found is None:
            raise self.wrong(expected)
        return found

    def next_is_hash(self) -> bool:
        return self.left() and self._lines[self.number] != ""

    def take_hash(self, expected: str) -> bytes:
        found = self.take(_HASH, expected)[0]
        data = b64decode(found)
        if b64encode(data).decode() != found:
            raise self.wrong(expected)
        return data

    def take_base64(self, pattern: str, expected: str) -> bytes:
        found = self.take(pattern, expected)[1]
        if len(found) % 4:
            raise self.wrong(expected)
        data = b64decode(found)
        if b64encode(data).decode() != found:
            raise self.wrong(expected)
        return data

    def wrong(self, expected: str) -> Refused:
        return Refused("wrong_line", Place(FIELD, line=self.number), expected=expected)


def read_log_proof(text: str, *, alone: bool = False) -> LogProof:
    """Read the proof; raises Refused at the first line that is not as it must be.

    Standing `alone` as a file, it must have an `extra` line, which the caller checks. Inside
    another file that line, and a checkpoint's extension lines anywhere, are authenticated by
    nothing: they are refused.
    """
    lines = _Lines(text)
    lines.take(HEADER, "c2sp.org/tlog-proof@v1")
    extra = lines.take_base64(r"extra ([A-Za-z0-9+/]+={0,2})", "extra") if alone else None
    index_line = lines.number + 1
    index = int(lines.take(f"index {_COUNT}", "index N")[1])
    path = []
    while lines.next_is_hash():
        path.append(lines.take_hash("hash"))
    lines.take("", "blank")
    origin = lines.take(r".+", "origin")[0]
    size = int(lines.take(_COUNT, "size")[1])
    root = lines.take_hash("root")
    lines.take("", "blank")
    signatures = [_signature(lines)]
    while lines.left():
        signatures.append(_signature(lines))
    signed = f"{origin}\n{size}\n{b64encode(root).decode()}\n".encode()
    return LogProof(index, path, origin, size, root, signed, signatures, extra, index_line)


def _signature(lines: _Lines) -> SignatureLine:
    found = lines.take(_SIGNATURE, "signature")
    if len(found[2]) % 4:
        raise lines.wrong("signature")
    data = b64decode(found[2])
    if b64encode(data).decode() != found[2]:
        raise lines.wrong("signature")
    return SignatureLine(lines.number, found[1], data[:4], data[4:])


class PathError(ValueError):
    """The path has too few or too many hashes for its place."""


def root_through(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Climb from a leaf to the root (RFC 9162); the path runs from the leaf upwards."""
    if size == 1:
        if path:
            raise PathError("too many hashes")
        return leaf
    if not path:
        raise PathError("too few hashes")
    split = 1
    while split * 2 < size:
        split *= 2
    *below, sibling = path
    if index < split:
        return _node(root_through(leaf, index, split, below), sibling)
    return _node(sibling, root_through(leaf, index - split, size - split, below))


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def leaf_of(entry: bytes) -> bytes:
    """Hash an entry as a leaf."""
    return hashlib.sha256(b"\x00" + entry).digest()
