"""Which head a proof stands on: the first that somebody outside vouches for, else the newest.

A stamp says earliest when an entry was there; a witness says that nobody was shown another
log. Until there is either, the newest head serves, and the proof says what is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .note import parse_vkey
from .stamped import covering
from .stored import StoredHead
from .witness.kept import cosignatures, cosigned_note, first_cosigned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..db import Transaction
    from .note import VerifierKey
    from .signer import LogSigner


class Vouched(NamedTuple):
    """A head, its signatures, whose they are, and the stamps over it."""

    head: StoredHead
    note: str
    keys: Sequence[VerifierKey]
    stamps: Sequence[bytes]


def vouched_head(tx: Transaction, signer: LogSigner, head: StoredHead, place: int) -> Vouched:
    """Find the head under which an entry is proved; `head` is the newest of its log."""
    stamped = covering(tx, head.log, place)
    if stamped is not None:
        # Under the name that the log had then, should it have gone on under another.
        head = _earlier(signer, head, stamped.checkpoint)
    else:
        size = first_cosigned(tx, head.origin, place)
        if size is not None:
            head = _earlier(signer, head, cosigned_note(tx, head.origin, size))
    signed = cosignatures(tx, head.origin, head.size)
    return Vouched(
        head,
        head.checkpoint + "".join(each.line for each in signed),
        [
            *signer.signers_of(head.origin, head.checkpoint),
            *(parse_vkey(each.witness) for each in signed),
        ],
        stamped.tokens if stamped else (),
    )


def _earlier(signer: LogSigner, head: StoredHead, note: str) -> StoredHead:
    then = signer.open_kept(head.origin, note)
    return StoredHead(head.log, then.origin, then.size, then.root, note, head.signed_at)
