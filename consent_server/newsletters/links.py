"""Links: made once for an identifier and a scope, found again by their name, never closed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..db import Sql, Transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MARKETING: Final = "marketing"

_OWNER: Final = Sql("SELECT organisation_id FROM link_directory WHERE link_hash = :hash")
# The identifier and the subject may be gone: the link still answers.
_READ: Final = Sql(
    """
    SELECT l.scope, l.recorded_at, i.id, i.subject_id, s.person_id, i.shared,
           i.kind, i.hash, i.sealed, l.kind, l.hash, l.key_version
    FROM unsubscribe_link l
    LEFT JOIN identifier i ON i.organisation_id = l.organisation_id AND i.id = l.identifier_id
    LEFT JOIN subject s ON s.organisation_id = i.organisation_id AND s.id = i.subject_id
    WHERE l.organisation_id = :organisation AND l.id = :name
    """
)
# Erased and known again: whoever holds the same address now is who the link is for.
_AGAIN: Final = Sql(
    """
    SELECT i.id, i.subject_id, s.person_id, i.shared, i.kind, i.hash, i.sealed
    FROM identifier i
    JOIN subject s ON s.organisation_id = i.organisation_id AND s.id = i.subject_id
    WHERE i.organisation_id = :organisation AND i.kind = :kind AND i.hash = :hash
      AND i.closed_at IS NULL AND i.shared = 0
    """
)
_REMEMBER: Final = Sql(
    """
    UPDATE unsubscribe_link SET (kind, hash, key_version) = (
        SELECT i.kind, i.hash, i.key_version FROM identifier i
        WHERE i.organisation_id = :organisation AND i.id = :identifier)
    WHERE organisation_id = :organisation AND identifier_id = :identifier
    """
)


@dataclass(frozen=True, kw_only=True)
class Known:
    """The identifier a link was made for, as long as we have it."""

    identifier: int
    subject: int
    person: int
    shared: bool
    kind: str
    hash: bytes
    sealed: bytes


@dataclass(frozen=True, kw_only=True)
class Left:
    """What is left of an identifier that was erased: enough to stop it, not to read it."""

    kind: str
    hash: bytes
    key_version: int


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link that exists."""

    organisation: int
    scope: str
    recorded_at: int
    known: Known | None
    left: Left | None = None

    @property
    def purpose(self) -> int | None:
        """The purpose it leaves; None for all marketing."""
        return None if self.scope == MARKETING else int(self.scope)


def hash_of(name: str) -> bytes:
    """Hash a link's name; it is random, so the hash needs no key."""
    return hashlib.sha256(name.encode()).digest()


def owner_of(tx: Transaction, link_hash: bytes) -> int | None:
    """Tell whose link this is; read outside the wall."""
    rows = tx.run(_OWNER, {"hash": link_hash})
    return int(rows[0][0]) if rows else None


def read_link_row(tx: Transaction, organisation: int, name: str) -> Link | None:
    """Read a link and whom it was made for."""
    rows = tx.run(_READ, {"organisation": organisation, "name": name})
    if not rows:
        return None
    scope, recorded_at, *holder = rows[0][:9]
    kind, hashed, version = rows[0][9:]
    left = None
    if hashed is not None:
        left = Left(kind=kind, hash=bytes(hashed), key_version=version)
        again = {"organisation": organisation, "kind": kind, "hash": left.hash}
        found = tx.run(_AGAIN, again)
        holder = list(found[0]) if found else holder
    return Link(
        organisation=organisation,
        scope=scope,
        recorded_at=recorded_at,
        known=_known(holder),
        left=left,
    )


def _known(holder: Sequence[Any]) -> Known | None:
    identifier, subject, person, shared, kind, hashed, sealed = holder
    if subject is None or person is None:
        return None
    return Known(
        identifier=identifier,
        subject=subject,
        person=person,
        shared=bool(shared),
        kind=kind,
        hash=bytes(hashed),
        sealed=bytes(sealed),
    )


def remember_links(tx: Transaction, organisation: int, identifiers: Iterable[int]) -> None:
    """Keep, of identifiers about to be erased, what their links need to go on stopping them."""
    for each in identifiers:
        tx.run(_REMEMBER, {"organisation": organisation, "identifier": each})
