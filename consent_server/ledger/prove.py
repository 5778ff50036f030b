"""Proving: one record, its entry, and the way from that entry to the signed head."""

from __future__ import annotations

import json
from base64 import b64decode
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..db import Sql
from ..problems import Conflict, NotFound, Problem
from .append import SEALED_TABLE
from .bundle import Bundle, Opening, bundle_value
from .canonical import canonical_bytes
from .entry import Entry, commit_bytes, entry_bytes
from .integrate import DamagedLogError
from .merkle import ProofError, leaf_hash, prove_inclusion, verify_inclusion
from .stored import read_head, read_tiles
from .tiles import TileError, reader_of, tiles_for_inclusion
from .tlog_proof import TlogProof, format_tlog_proof
from .vouched import vouched_head

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from .signer import LogSigner
    from .vouched import Vouched


class StillPending(Conflict):
    """The record is written but has no place in the log yet: within a second it has."""

    code = "pending"
    title = "The record is not in the log yet"


class Erased(Problem):
    """Record and salt are gone: what the log still holds means nothing any more."""

    status = HTTPStatus.GONE
    code = "erased"
    title = "The record was erased"


class _Placed(NamedTuple):
    log: str
    place: int
    minute: int
    commitment: bytes

    @property
    def entry(self) -> bytes:
        return entry_bytes(Entry(self.commitment, self.minute))


_SEALED: Final = Sql(
    "SELECT sealed FROM ledger_record WHERE organisation_id = :organisation AND id = :record_id"
)
_PLACED: Final = Sql(
    "SELECT log, place, minute, commitment FROM ledger_entry"
    " WHERE organisation_id = :organisation AND record_id = :record_id"
)


def prove(
    tx: Transaction,
    *,
    organisation: int,
    record_id: int,
    keys: OrganisationKeys,
    signer: LogSigner,
    opening: bool,
    cell: Mapping[str, Any] | None = None,
) -> dict[str, object]:
    """Give the proof bundle of an organisation's record, under the head of its log.

    Raises NotFound, StillPending or Erased; with `opening`, says whose record it is to
    whoever knows the identifier.
    `cell`: the record as `open_cell` gave it, kept elsewhere. The file form is `proof_bytes`.
    """
    values = {"organisation": organisation, "record_id": record_id}
    cell = cell or _unseal(tx, values, keys)
    placed = _place_of(tx, values)
    head = read_head(tx, placed.log)
    if head is None or head.size <= placed.place:
        raise DamagedLogError(f"entry {placed.place} lies beyond the head of {placed.log!r}")
    record, salt = cell["record"], b64decode(cell["salt"])
    if commit_bytes(record.encode(), salt) != placed.commitment:
        raise DamagedLogError(f"entry {placed.place} does not commit to its record")
    vouched = vouched_head(tx, signer, head, placed.place)
    return bundle_value(
        Bundle(
            record=record,
            salt=salt,
            entry=placed.entry,
            tlog_proof=_path(tx, placed, vouched),
            checkpoint_keys=vouched.keys,
            opening=_opening(cell) if opening else None,
            stamps=vouched.stamps,
        )
    )


def proof_bytes(bundle: Mapping[str, object]) -> bytes:
    """Give a bundle's one file form: canonical JSON, for the verifier takes no other."""
    return canonical_bytes(dict(bundle))


def open_cell(
    tx: Transaction, organisation: int, record_id: int, keys: OrganisationKeys
) -> dict[str, Any] | None:
    """Open a record with its salt and its opening; None where it was erased or never was."""
    try:
        return _unseal(tx, {"organisation": organisation, "record_id": record_id}, keys)
    except (NotFound, Erased):
        return None


def _unseal(
    tx: Transaction, values: Mapping[str, int], keys: OrganisationKeys
) -> dict[str, Any]:
    rows = tx.run(_SEALED, values)
    if not rows:
        raise NotFound
    sealed = rows[0][0]
    if sealed is None:
        raise Erased("the record and its salt were erased; the log's other proofs still hold")
    cell: dict[str, Any] = json.loads(keys.unseal(sealed, SEALED_TABLE, values["record_id"]))
    return cell


def _place_of(tx: Transaction, values: Mapping[str, int]) -> _Placed:
    rows = tx.run(_PLACED, values)
    if not rows:
        raise StillPending("ask again in a second", headers={"Retry-After": "1"})
    return _Placed(*rows[0])


def _opening(cell: Mapping[str, Any]) -> Opening | None:
    found = cell.get("opening")
    return Opening(found["kind"], b64decode(found["key"])) if found else None


def _path(tx: Transaction, placed: _Placed, vouched: Vouched) -> str:
    head = vouched.head
    tiles = read_tiles(tx, placed.log, tiles_for_inclusion(placed.place, head.size))
    leaf = leaf_hash(placed.entry)
    try:
        hashes = prove_inclusion(reader_of(tiles), placed.place, head.size)
        # A proof that fails would accuse whoever holds it: better none at all.
        verify_inclusion(leaf, placed.place, head.size, hashes, head.root)
    except (ProofError, TileError) as error:
        raise DamagedLogError(f"no proof leads to entry {placed.place}: {error}") from error
    return format_tlog_proof(TlogProof(placed.place, tuple(hashes), vouched.note))
