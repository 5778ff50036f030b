"""Appending: a fact's record and its pending entry, in the transaction of the fact itself."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from binascii import b2a_base64
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..clock import rfc3339_micros
from ..db import Insert, to_json
from .canonical import canonical_bytes
from .entry import SALT_BYTES, commit_bytes
from .models import Pending, Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from .bundle import Opening

SEALED_TABLE: Final = "ledger_record"
MICROS_PER_MINUTE: Final = 60_000_000

# As the encoder of `to_json` writes a text.
_quoted: Final = json.encoder.encode_basestring
_KEEP_RECORD: Final = Insert(Record.__table__)
_WAIT: Final = Insert(Pending.__table__)


def append(  # noqa: PLR0913 - each is a part of what is committed to, or of its place
    tx: Transaction,
    *,
    organisation: int,
    log: str,
    record_id: int,
    kind: str,
    record: Mapping[str, Any],
    recorded_at: int,
    keys: OrganisationKeys,
    opening: Opening | None = None,
    announcements: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Commit to a record and let its entry wait for its place; the caller's transaction.

    `record` must have a canonical form (ids and big numbers as strings), else
    NotCanonicalError, and say its `kind`, `organisation` and `recorded_at` itself, else
    ValueError; a record id used before is the database's integrity error.
    """
    _refuse_unprovable(record, kind, recorded_at)
    append_text(
        tx,
        organisation=organisation,
        log=log,
        record_id=record_id,
        kind=kind,
        text=canonical_bytes(record),
        recorded_at=recorded_at,
        keys=keys,
        opening=opening,
        announcements=to_json(announcements),
        announced=len(announcements),
    )


def append_text(  # noqa: PLR0913 - as for `append`
    tx: Transaction,
    *,
    organisation: int,
    log: str,
    record_id: int,
    kind: str,
    text: bytes,
    recorded_at: int,
    keys: OrganisationKeys,
    opening: Opening | None,
    announcements: str,
    announced: int,
) -> None:
    """Append a record that is canonical already, and says what `append` asks of it."""
    salt = os.urandom(SALT_BYTES)
    kept = {
        "organisation_id": organisation,
        "id": record_id,
        "kind": kind,
        "recorded_at": recorded_at,
        "sealed": keys.seal(_cell(text, salt, opening), SEALED_TABLE, record_id),
        "announcements": announcements,
    }
    waits = {
        "organisation_id": organisation,
        "record_id": record_id,
        "log": log,
        "recorded_at": recorded_at,
        "minute": recorded_at // MICROS_PER_MINUTE,
        "commitment": commit_bytes(text, salt),
        "announced": announced,
    }
    tx.later(_KEEP_RECORD, kept)
    tx.later(_WAIT, waits)


class Many(NamedTuple):
    """Records of one kind that are appended together, column by column."""

    ids: Sequence[int]
    # As canonical bytes, and the same quoted as a text of JSON.
    texts: Sequence[tuple[bytes, str]]
    # The key that opens each, and the kind of identifier it names.
    openings: Sequence[tuple[str, bytes]]
    recorded_at: Sequence[int]
    announcements: Sequence[str]
    announced: Sequence[int]


def append_many(
    tx: Transaction,
    keys: OrganisationKeys,
    log: str,
    kind: str,
    many: Many,
) -> None:
    """Append many records of people, as `append_text` does one."""
    salts = drawn(len(many.ids))
    cells = [
        f'{{"record":{quoted},"salt":"{_base64(salt)}"'
        f',"opening":{{"kind":"{of}","key":"{_base64(key)}"}}}}'.encode()
        for (_, quoted), salt, (of, key) in zip(many.texts, salts, many.openings, strict=True)
    ]
    own = {"organisation_id": keys.organisation, "recorded_at": list(many.recorded_at)}
    ids = list(many.ids)
    sealed = keys.seal_many(cells, SEALED_TABLE, ids)
    tx.write_columns(
        _KEEP_RECORD,
        {
            **own,
            "id": ids,
            "kind": kind,
            "sealed": sealed,
            "announcements": list(many.announcements),
        },
    )
    tx.write_columns(
        _WAIT,
        {
            **own,
            "record_id": ids,
            "log": log,
            "minute": [moment // MICROS_PER_MINUTE for moment in many.recorded_at],
            "commitment": [
                commit_bytes(text, salt)
                for (text, _), salt in zip(many.texts, salts, strict=True)
            ],
            "announced": list(many.announced),
        },
    )


def drawn(count: int) -> list[bytes]:
    """Draw salts, or keys of people, asking the system once for all of them."""
    several = os.urandom(SALT_BYTES * count)
    return [several[at : at + SALT_BYTES] for at in range(0, len(several), SALT_BYTES)]


def _base64(value: bytes) -> str:
    return b2a_base64(value, newline=False).decode()


def _refuse_unprovable(record: Mapping[str, Any], kind: str, recorded_at: int) -> None:
    # Only what stands in the record is committed to, so only that can be shown later.
    if record.get("kind") != kind or not isinstance(record.get("organisation"), str):
        raise ValueError(f"a record of kind {kind!r} must name its kind and organisation")
    if record.get("recorded_at") != rfc3339_micros(recorded_at):
        raise ValueError("a record must name the moment it was recorded, to the microsecond")


def _cell(text: bytes, salt: bytes, opening: Opening | None) -> bytes:
    opened = ""
    if opening is not None:
        key = b64encode(opening.key).decode()
        opened = f',"opening":{{"kind":{_quoted(opening.kind)},"key":"{key}"}}'
    salted = b64encode(salt).decode()
    return f'{{"record":{_quoted(text.decode())},"salt":"{salted}"{opened}}}'.encode()
