"""Checking what others said of a log: each stamp and cosignature is over a head of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..db import Sql
from .authority import NoStamp, verify_token
from .note import KeyTextError, NoteError, open_note, parse_note, parse_vkey
from .signer import RefusedToSign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..db import Transaction
    from .signer import LogSigner
    from .stored import StoredHead

_STAMPS: Final = Sql(
    "SELECT s.size, s.authority, s.token, c.checkpoint FROM ledger_stamp s"
    " LEFT JOIN ledger_checkpoint c ON c.log = s.log AND c.size = s.size"
    " WHERE s.log = :log AND (s.size, s.authority) > (:size, :name)"
    " ORDER BY s.size, s.authority LIMIT 200"
)
_COSIGNATURES: Final = Sql(
    "SELECT size, witness, line, checkpoint FROM ledger_cosignature"
    " WHERE origin = :origin AND (size, witness) > (:size, :name)"
    " ORDER BY size, witness LIMIT 200"
)
_ROOT: Final = Sql("SELECT checkpoint FROM ledger_checkpoint WHERE log = :log AND size = :size")


def check_outside(
    tx: Transaction, head: StoredHead, signer: LogSigner
) -> Iterator[tuple[str, str]]:
    """Give each stamp and each cosignature that is not over a checkpoint of this log.

    The walk over the entries has compared the checkpoints themselves.
    """
    for detail in _stamps(tx, head):
        yield "stamp", detail
    for detail in _cosignatures(tx, head, signer):
        yield "cosignature", detail


def _stamps(tx: Transaction, head: StoredHead) -> Iterator[str]:
    after: dict[str, object] = {"size": 0, "name": ""}
    while rows := tx.run(_STAMPS, {"log": head.log, **after}):
        for size, _, token, note in rows:
            text = f"{note}".partition("\n\n")[0] + "\n"
            try:
                verify_token(bytes(token), text.encode())
            except NoStamp:
                yield f"a stamp over the checkpoint of size {size} does not hold"
        after = {"size": rows[-1][0], "name": rows[-1][1]}


def _cosignatures(tx: Transaction, head: StoredHead, signer: LogSigner) -> Iterator[str]:
    after: dict[str, object] = {"size": 0, "name": ""}
    while rows := tx.run(_COSIGNATURES, {"origin": head.origin, **after}):
        for size, witness, line, note in rows:
            if not _holds(tx, head, signer, (size, witness, line, note)):
                yield f"a cosignature over the checkpoint of size {size} does not hold"
        after = {"size": rows[-1][0], "name": rows[-1][1]}


def _holds(
    tx: Transaction, head: StoredHead, signer: LogSigner, row: tuple[int, str, str, str]
) -> bool:
    size, witness, line, note = row
    try:
        signed = signer.open(head.origin, note)
        text = parse_note(note).text
        open_note(f"{text}\n{line}", [parse_vkey(witness)])
    except (RefusedToSign, NoteError, KeyTextError):
        return False
    # The walk has compared the kept one with the entries, unless it has another name.
    kept = tx.run(_ROOT, {"log": head.log, "size": size})
    body = "\n".join(text.split("\n")[1:])
    return (
        signed.size == size
        and bool(kept)
        and kept[0][0].split("\n\n")[0].endswith(body.rstrip("\n"))
    )
