"""Tables: people without their names, what is known of them, who they also are."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base

_LEAN = {"sqlite_with_rowid": False}


class Subject(Base):
    """Someone known to one organisation.

    `person_id` is derived from the open links: subjects with the same one are the same
    person. It is the only column that changes, and `consent fsck` can rebuild it.
    """

    __tablename__ = "subject"
    __table_args__ = (
        Index("subject_person", "organisation_id", "person_id"),
        # Those who are not their person's root, and of whom each root is: a lookup that looks
        # here for somebody who was never linked touches no page but the first.
        Index(
            "subject_linked",
            "organisation_id",
            "id",
            "person_id",
            sqlite_where=text("person_id <> id"),
            postgresql_where=text("person_id <> id"),
        ),
        Index(
            "subject_of_root",
            "organisation_id",
            "person_id",
            "id",
            # Said in another way, so that PostgreSQL, while both are small, cannot take one
            # for the other: it keeps its plan when they have grown.
            sqlite_where=text("person_id - id <> 0"),
            postgresql_where=text("person_id - id <> 0"),
        ),
        _LEAN,
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int]
    recorded_at: Mapped[int]


class Identifier(Base):
    """An identifier of a subject: sealed, and found by its keyed hash."""

    __tablename__ = "identifier"
    __table_args__ = (
        Index(
            "identifier_alone",
            "organisation_id",
            "kind",
            "hash",
            unique=True,
            sqlite_where=text("closed_at IS NULL AND shared = 0"),
            postgresql_where=text("closed_at IS NULL AND shared = 0"),
        ),
        # All that a lookup reads of an identifier: the row itself it need not open.
        Index(
            "identifier_hash",
            "organisation_id",
            "hash",
            "kind",
            "closed_at",
            "subject_id",
            "shared",
            "id",
            "bare",
        ),
        Index("identifier_subject", "organisation_id", "subject_id"),
        _LEAN,
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    subject_id: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    key_version: Mapped[int]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    shared: Mapped[int] = mapped_column(default=0)
    verified_at: Mapped[int | None]
    recorded_at: Mapped[int]
    closed_at: Mapped[int | None]
    # 1: of its subject nothing is known but this, no fact and no other identifier, so that a
    # lookup need not go and see. 0 says nothing. Whoever makes a subject claims it; whatever
    # writes a fact or another identifier, the database itself takes it back (decision 0046).
    bare: Mapped[int] = mapped_column(default=0, server_default=text("0"))


class CrossedHash(Base):
    """Keyed hash of a plain SHA-256 that other tools exchange, in each of their forms.

    A list of bare SHA-256 can be matched by hashing it again with our key; the bare
    hash itself, which anyone could enumerate, is never stored (standards.md ID-11).
    """

    __tablename__ = "crossed_hash"
    __table_args__ = (
        # An erasure has the identifiers, and no way to the hashes but through them.
        Index("crossed_hash_identifier", "organisation_id", "identifier_id"),
        _LEAN,
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    identifier_id: Mapped[int] = mapped_column(primary_key=True)


class SubjectTouched(Base):
    """A subject of whom something changed that no entry of the log tells by her number.

    A link names two and moves more, and sharing an identifier is no entry: whoever derives
    something from the log's order looks here too, and takes away what it has taken in.
    """

    __tablename__ = "subject_touched"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True)
    # Drawn anew each time, so that who saw one does not take away a later one.
    mark: Mapped[int]


class SubjectFact(Base):
    """Something known of a subject: relationship, capacity, country, restriction …."""

    __tablename__ = "subject_fact"
    __table_args__ = (
        Index("subject_fact_subject", "organisation_id", "subject_id", "recorded_at"),
        _LEAN,
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    subject_id: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    # Source, actor and on_behalf_of may be written with an address in them: sealed.
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    since: Mapped[int | None]
    until: Mapped[int | None]
    informed_at: Mapped[int | None]
    recorded_at: Mapped[int]
    closed_at: Mapped[int | None]


class Link(Base):
    """A dated, sourced, reversible statement that two subjects are one."""

    __tablename__ = "link"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    first_subject_id: Mapped[int]
    second_subject_id: Mapped[int]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    recorded_at: Mapped[int]
    closed_at: Mapped[int | None]
    # The record of its closing; that of its making has the link's own number.
    closing_id: Mapped[int | None]


class Suppression(Base):
    """Not until the person says otherwise: a keyed hash, a scope, and no name."""

    __tablename__ = "suppression"
    __table_args__ = (
        Index("suppression_hash", "organisation_id", "hash"),
        Index("suppression_order", "organisation_id", "recorded_at", "id"),
        _LEAN,
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    key_version: Mapped[int]
    # `purpose:<id>`, `channel:<name>` or `marketing`.
    scope: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[int]
    closed_at: Mapped[int | None]
    # The purposes a verified yes of the person has opened again, by id, each since when.
    lifted: Mapped[dict[str, int]] = mapped_column(JSON)


class SuppressedHash(Base):
    """The crossed forms of what is suppressed: they lead to it when nobody is known any more.

    As `CrossedHash`, a keyed hash of the SHA-256; it leads to the keyed hash that
    suppressions name, and to no person.
    """

    __tablename__ = "suppressed_hash"
    __table_args__ = (Index("suppressed_hash_of", "organisation_id", "suppressed"), _LEAN)

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    suppressed: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)


class VaultedHash(Base):
    """An address of somebody erased, as long as the vault keeps a proof made through it.

    The keyed hash of the identifier, and as `CrossedHash` those of its SHA-256. It leads to no
    record and no person: only to the day after which nothing is remembered any more.
    """

    __tablename__ = "vaulted_hash"
    __table_args__ = (Index("vaulted_hash_end", "organisation_id", "ends_at"), _LEAN)

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    ends_at: Mapped[int]
