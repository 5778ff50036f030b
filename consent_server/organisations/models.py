"""Tables: organisations, what they set, their sites, their keys, who did what."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base

_LEAN = {"sqlite_with_rowid": False}


class OrganisationDirectory(Base):
    """Outside the wall: which organisations there are, and when their set-up last moved."""

    __tablename__ = "organisation_directory"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    log: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[int]
    # Grows with every change of configuration, so that a lookup sees in the same
    # statement whether what it keeps in memory is still in force.
    version: Mapped[int] = mapped_column(default=1)


class OrganisationKey(Base):
    """A key of an organisation, wrapped by the server's."""

    __tablename__ = "organisation_key"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[int]


class OrganisationRevision(Base):
    """What an organisation declared of itself, as of a moment; the latest is in force."""

    __tablename__ = "organisation_revision"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    recorded_at: Mapped[int]
    actor: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)


class SiteDirectory(Base):
    """Outside the wall: a site's id leads to its organisation."""

    __tablename__ = "site_directory"
    __table_args__ = _LEAN

    site_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    organisation_id: Mapped[int]


class Site(Base):
    """A website of an organisation; its name and origins stand in the revisions."""

    __tablename__ = "site"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[int]


class KeyDirectory(Base):
    """Outside the wall: a key's public half leads to its organisation."""

    __tablename__ = "key_directory"
    __table_args__ = _LEAN

    key_id: Mapped[str] = mapped_column(Text, primary_key=True)
    organisation_id: Mapped[int]


class ApiKey(Base):
    """A key that a system calls with; only the hash of its secret is kept."""

    __tablename__ = "api_key"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    key_id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    recorded_at: Mapped[int]
    expires_at: Mapped[int | None]
    closed_at: Mapped[int | None]
    # The secret before this one, which lives on for a while: nothing stops at a rotation.
    former_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    former_until: Mapped[int | None]
    # Rates of its own, where they are not the deployment's.
    quotas: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    # The trackers (slugs) whose proofs a partner's key may fetch.
    trackers: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    # When it was first seen in an address, where logs and histories keep it.
    exposed_at: Mapped[int | None]


class KeyUse(Base):
    """When a key was last used, to the hour, from which network, and how often.

    Written in batches: a process that is killed loses the last moments of it.
    """

    __tablename__ = "key_use"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    key_id: Mapped[str] = mapped_column(Text, primary_key=True)
    used_at: Mapped[int]
    network: Mapped[str] = mapped_column(Text)
    count: Mapped[int]


class AuditEntry(Base):
    """Who did or looked at what, and when; only ever added to."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("audit_entry_order", "organisation_id", "recorded_at", "id"), _LEAN)

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    recorded_at: Mapped[int]
    actor: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    target: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
