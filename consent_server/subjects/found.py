"""Found: whom many keyed hashes lead to, by one question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ..db import Sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..db import Transaction
    from .identifiers import Kind

# On SQLite lists travel as JSON, bytes in it as hexadecimal; on PostgreSQL as arrays. Each hash
# is looked up by itself: a planner that takes a young table for an empty one, or knows nothing
# of it, would read all of the organisation's rows for every list.
FIND: Final = Sql(
    """
    SELECT i.hash, i.kind, i.id, i.subject_id, s.person_id, i.shared
    FROM json_each(:hashes) k
    CROSS JOIN identifier i ON i.organisation_id = :organisation AND i.hash = unhex(k.value)
    CROSS JOIN subject s ON s.organisation_id = i.organisation_id AND s.id = i.subject_id
    WHERE i.closed_at IS NULL
    """,
    """
    SELECT i.hash, i.kind, i.id, i.subject_id, s.person_id, i.shared
    FROM unnest(:hashes::bytea[]) k, LATERAL (
        SELECT hash, id, subject_id, shared, kind FROM identifier
        WHERE organisation_id = :organisation AND hash = k AND closed_at IS NULL OFFSET 0) i,
        LATERAL (SELECT person_id FROM subject
        WHERE organisation_id = :organisation AND id = i.subject_id OFFSET 0) s
    """,
)


class Found(NamedTuple):
    """One holder of one of the hashes: an identifier, its subject, and their person."""

    hash: bytes
    kind: Kind
    identifier: int
    subject: int
    person: int
    shared: bool


def find_many(tx: Transaction, organisation: int, hashes: Sequence[bytes]) -> list[Found]:
    """Find who has an identifier with one of these hashes, whatever its kind."""
    values = {"organisation": organisation, "hashes": tx.several(hashes)}
    return [
        Found(bytes(hashed), kind, identifier, subject, person, bool(shared))
        for hashed, kind, identifier, subject, person, shared in tx.run(FIND, values)
    ]
