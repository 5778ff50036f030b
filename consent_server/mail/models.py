"""Tables: by which server an organisation's mail leaves, and what waits to leave."""

from __future__ import annotations

from sqlalchemy import Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base

_LEAN = {"sqlite_with_rowid": False}


class MailServer(Base):
    """The SMTP server of an organisation, its password included: sealed, whole, dated."""

    __tablename__ = "mail_server"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[int]
    closed_at: Mapped[int | None]


class MailMessage(Base):
    """A message to one person: sealed while it waits, without its text once it has left."""

    __tablename__ = "mail_message"
    __table_args__ = (
        Index("mail_message_due", "organisation_id", "due_at"),
        Index("mail_message_mailbox", "organisation_id", "mailbox_hash", "recorded_at"),
        Index("mail_message_domain", "organisation_id", "domain_hash", "recorded_at"),
        _LEAN,
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    # The Message-ID is made of it, so that a report leads back here.
    id: Mapped[int] = mapped_column(primary_key=True)
    template: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    # Whole, as it leaves, with whom it is for; gone with the message.
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    # The same keyed hash as the person's identifier has.
    recipient_hash: Mapped[bytes] = mapped_column(LargeBinary)
    key_version: Mapped[int]
    # What budgets count: the mailbox without its tags and dots, the domain, and what about.
    mailbox_hash: Mapped[bytes] = mapped_column(LargeBinary)
    domain_hash: Mapped[bytes] = mapped_column(LargeBinary)
    about: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[int]
    # `waiting`, `sent`, `refused`, `given_up`, `bounced`.
    state: Mapped[str] = mapped_column(Text)
    tries: Mapped[int]
    # None once it waits no more.
    due_at: Mapped[int | None]
    leased_by: Mapped[str] = mapped_column(Text)
    leased_until: Mapped[int]
    finished_at: Mapped[int | None]
    # One word, and the server's code; never its own words, which name people.
    outcome: Mapped[str | None] = mapped_column(Text)
