"""Tables: the catalogue of purposes and trackers, notices, their versions and floors."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base

_LEAN = {"sqlite_with_rowid": False}


class CatalogueRevision(Base):
    """The purposes and trackers as of a moment; the latest is in force."""

    __tablename__ = "catalogue_revision"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    recorded_at: Mapped[int]
    actor: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)


class Notice(Base):
    """The words for one surface, through all their versions."""

    __tablename__ = "notice"
    __table_args__ = (UniqueConstraint("organisation_id", "slug"), _LEAN)

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(Text)
    surface: Mapped[str] = mapped_column(Text)
    site_id: Mapped[int | None]
    recorded_at: Mapped[int]


class NoticeDraft(Base):
    """The words being written; the only row here that may change."""

    __tablename__ = "notice_draft"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    changed_at: Mapped[int]


class NoticeVersion(Base):
    """The words as published: immutable, numbered, hashed over all languages."""

    __tablename__ = "notice_version"
    __table_args__ = (UniqueConstraint("organisation_id", "notice_id", "number"), _LEAN)

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int]
    number: Mapped[int]
    recorded_at: Mapped[int]
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    content_hash: Mapped[bytes] = mapped_column(LargeBinary)
    judgement: Mapped[str] = mapped_column(Text)
    because: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class Floor(Base):
    """From `recorded_at` on, consents to this purpose under a lower number do not count."""

    __tablename__ = "floor"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(primary_key=True)
    purpose_id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    recorded_at: Mapped[int]


class VersionDirectory(Base):
    """Outside the wall: a notice version's id leads to its organisation."""

    __tablename__ = "version_directory"
    __table_args__ = _LEAN

    version_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    organisation_id: Mapped[int]
