"""Tables: unsubscribe links; what people asked for in forms; what was counted of messages."""

from __future__ import annotations

from sqlalchemy import JSON, Index, LargeBinary, Text, UniqueConstraint
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


class Signup(Base):
    """What somebody asked for in a form, until the person of the address confirms it."""

    __tablename__ = "signup"
    __table_args__ = (
        UniqueConstraint("organisation_id", "name"),
        Index("signup_state", "organisation_id", "state", "recorded_at"),
        Index("signup_person", "organisation_id", "hash"),
        _LEAN,
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    # What the link in the mail names, signed.
    name: Mapped[str] = mapped_column(Text)
    # The keyed hash of the address, and the address with all that came with it, sealed until
    # it is confirmed.
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    purposes: Mapped[list[int]] = mapped_column(JSON)
    version_id: Mapped[int]
    language: Mapped[str] = mapped_column(Text)
    site_id: Mapped[int]
    recorded_at: Mapped[int]
    # `received`, `asked` once a mail was queued, `confirmed`.
    state: Mapped[str] = mapped_column(Text)
    claim_id: Mapped[int | None]
    message_id: Mapped[str | None] = mapped_column(Text)
    decision_id: Mapped[int | None]
    settled_at: Mapped[int | None]


class MailUse(Base):
    """How often somebody who allows it opened a campaign's message, or clicked, in a day (UTC).

    Written in batches: a process that is killed loses its last second.
    """

    __tablename__ = "mail_use"
    __table_args__ = (Index("mail_use_subject", "organisation_id", "subject_id"), _LEAN)

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    campaign: Mapped[str] = mapped_column(Text, primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True)
    # Days since 1970.
    day: Mapped[int] = mapped_column(primary_key=True)
    # `opened` or `clicked`.
    what: Mapped[str] = mapped_column(Text, primary_key=True)
    count: Mapped[int]
