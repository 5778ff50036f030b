"""Links: made once for an identifier and a scope, found again by their name, never closed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from ..db import Sql, Transaction
from ..ids import random_name

MARKETING: Final = "marketing"

_FIND: Final = Sql(
    "SELECT id FROM unsubscribe_link WHERE organisation_id = :organisation"
    " AND identifier_id = :identifier AND scope = :scope"
)
_INSERT: Final = Sql(
    """
    INSERT INTO unsubscribe_link
        (organisation_id, id, subject_id, identifier_id, scope, recorded_at)
    VALUES (:organisation, :name, :subject, :identifier, :scope, :now)
    ON CONFLICT (organisation_id, identifier_id, scope) DO NOTHING
    RETURNING id
    """
)
_LIST: Final = Sql(
    "INSERT INTO link_directory (link_hash, organisation_id) VALUES (:hash, :organisation)"
)
_OWNER: Final = Sql("SELECT organisation_id FROM link_directory WHERE link_hash = :hash")
# The identifier and the subject may be gone: the link still answers.
_READ: Final = Sql(
    """
    SELECT l.scope, l.recorded_at, l.identifier_id, i.subject_id, s.person_id, i.shared,
           i.kind, i.hash, i.sealed
    FROM unsubscribe_link l
    LEFT JOIN identifier i ON i.organisation_id = l.organisation_id AND i.id = l.identifier_id
    LEFT JOIN subject s ON s.organisation_id = i.organisation_id AND s.id = i.subject_id
    WHERE l.organisation_id = :organisation AND l.id = :name
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
class Link:
    """A link that exists."""

    organisation: int
    scope: str
    recorded_at: int
    known: Known | None

    @property
    def purpose(self) -> int | None:
        """The purpose it leaves; None for all marketing."""
        return None if self.scope == MARKETING else int(self.scope)


def make_link(
    tx: Transaction, organisation: int, subject: int, identifier: int, scope: str, *, now: int
) -> str:
    """Give the name of the one link for an identifier and a scope, made if need be."""
    values: dict[str, Any] = {
        "organisation": organisation,
        "identifier": identifier,
        "scope": scope,
    }
    found = tx.run(_FIND, values)
    if found:
        return str(found[0][0])
    name = random_name()
    made = tx.run(_INSERT, {**values, "name": name, "subject": subject, "now": now})
    if not made:
        # Somebody made it between the two statements, and has committed by now.
        return str(tx.run(_FIND, values)[0][0])
    tx.run(_LIST, {"hash": hash_of(name), "organisation": organisation})
    return name


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
    scope, recorded_at, identifier, subject, person, shared, kind, hashed, sealed = rows[0]
    known = None
    if subject is not None and person is not None:
        known = Known(
            identifier=identifier,
            subject=subject,
            person=person,
            shared=bool(shared),
            kind=kind,
            hash=bytes(hashed),
            sealed=bytes(sealed),
        )
    return Link(organisation=organisation, scope=scope, recorded_at=recorded_at, known=known)
