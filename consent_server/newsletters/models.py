"""Tables: unsubscribe links."""

from __future__ import annotations

from sqlalchemy import LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base

_LEAN = {"sqlite_with_rowid": False}


class UnsubscribeLink(Base):
    """One link for one subject's identifier and one scope; it never dies."""

    __tablename__ = "unsubscribe_link"
    __table_args__ = (UniqueConstraint("organisation_id", "identifier_id", "scope"), _LEAN)

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    subject_id: Mapped[int]
    identifier_id: Mapped[int]
    # A purpose's id, or `marketing`.
    scope: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[int]
    # Only once the identifier has been erased: what is left of it, for the link still works.
    kind: Mapped[str | None] = mapped_column(Text)
    hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    key_version: Mapped[int | None]


class LinkDirectory(Base):
    """Outside the wall: a link's hash leads to its organisation."""

    __tablename__ = "link_directory"
    __table_args__ = _LEAN

    link_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    organisation_id: Mapped[int]
