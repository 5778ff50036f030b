"""C2SP checkpoints: a log's name, size and root, as a signed note."""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from consent_server.ledger.merkle import HASH_SIZE
from consent_server.ledger.note import NoteError, Signer, VerifierKey, format_note, open_note


class CheckpointError(ValueError):
    """Not a checkpoint, or not one of this log."""


@dataclass(frozen=True)
class Checkpoint:
    """A log's head: its origin, how many entries, and the root over them."""

    origin: str
    size: int
    root: bytes


def checkpoint_body(checkpoint: Checkpoint) -> str:
    """Write the text that is signed; we add no extension lines."""
    root = b64encode(checkpoint.root).decode()
    return f"{checkpoint.origin}\n{checkpoint.size}\n{root}\n"


_BODY = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n")


def parse_checkpoint_body(text: str) -> Checkpoint:
    """Read a checkpoint's text; raises CheckpointError unless it is in its one form."""
    found = _BODY.fullmatch(text)
    if found is None:
        raise CheckpointError("not the three lines of a checkpoint")
    checkpoint = Checkpoint(found[1], int(found[2]), b64decode(found[3]))
    # The last base64 character has two spare bits: only zero will do.
    if len(checkpoint.root) != HASH_SIZE or checkpoint_body(checkpoint) != text:
        raise CheckpointError("not a checkpoint in its one form")
    return checkpoint


def sign_checkpoint(checkpoint: Checkpoint, *signers: Signer) -> str:
    """Sign a log's head: the caller has made sure that it extends every head signed before.

    Each key's name must be the origin, so that a signature made for one log can never
    serve another.
    """
    if any(signer.key.name != checkpoint.origin for signer in signers):
        raise CheckpointError("the key's name is not the log's origin")
    body = checkpoint_body(checkpoint)
    return format_note(body, [signer.sign(body) for signer in signers])


def open_checkpoint(text: str, keys: Iterable[VerifierKey]) -> Checkpoint:
    """Read a checkpoint signed by one of these keys; raises CheckpointError if it is not."""
    try:
        note, signed = open_note(text, keys)
    except NoteError as error:
        raise CheckpointError(str(error)) from error
    checkpoint = parse_checkpoint_body(note.text)
    if all(key.name != checkpoint.origin for key in signed):
        raise CheckpointError(f"no key of {checkpoint.origin} signed this checkpoint")
    return checkpoint
