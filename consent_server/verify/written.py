"""A proof file as people's tools write it again: in a form that leaves no byte free.

The server hands out canonical JSON. A program that reads it and saves it writes the same
values in its own manner: with spaces, indented, in another order, in ASCII. Each of these
manners is known, and the file must be, byte for byte, what one of them writes: so a
changed byte is still a changed proof.
"""

from collections.abc import Iterator
from json import JSONEncoder

from consent_server.verify.exact import read_exact, read_json
from consent_server.verify.verdict import Refused

_SEPARATORS = ((",", ":"), (", ", ": "))
_INDENTS: tuple[int | str, ...] = (2, 4, "\t")


def read_file(data: bytes) -> object:
    """Read a proof file; raises Refused unless it is written in a manner that is known."""
    bare = data.removesuffix(b"\n")
    try:
        return read_exact(bare)
    except Refused as refusal:
        if refusal.code != "not_exact":
            raise
        value = read_json(bare)
        if bare not in _manners(value):
            raise
        return value


def _manners(value: object) -> Iterator[bytes]:
    for ascii_only in (True, False):
        for in_order in (False, True):
            for separators in _SEPARATORS:
                yield _write(
                    value, ensure_ascii=ascii_only, sort_keys=in_order, separators=separators
                )
            for indent in _INDENTS:
                yield _write(value, ensure_ascii=ascii_only, sort_keys=in_order, indent=indent)


def _write(value: object, **manner: object) -> bytes:
    return JSONEncoder(**manner).encode(value).encode()  # type: ignore[arg-type] # as above
