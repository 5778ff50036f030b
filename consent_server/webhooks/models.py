"""Tables: receivers, their secrets, where each stands, what waits, what was tried."""

from __future__ import annotations

from sqlalchemy import JSON, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base

_LEAN = {"sqlite_with_rowid": False}


class Webhook(Base):
    """A receiver: its address, which may hold a secret of its own, lies sealed."""

    __tablename__ = "webhook"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    # Event types; empty for all of them.
    events: Mapped[list[str]] = mapped_column(JSON)
    recorded_at: Mapped[int]
    closed_at: Mapped[int | None]


class WebhookSecret(Base):
    """What attempts are signed with; two while one replaces the other."""

    __tablename__ = "webhook_secret"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[int]
    # From then on it signs no more.
    closes_at: Mapped[int | None]


class WebhookState(Base):
    """Where delivery stands: derived, moved by the worker alone."""

    __tablename__ = "webhook_state"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(primary_key=True)
    # The number in the feed up to which everything was taken in.
    reached: Mapped[int]
    # Nothing is sent before this moment: the receiver is in trouble.
    paused_until: Mapped[int]
    # `gone` or `exhausted` once it was given up; a person sets it going again.
    stopped: Mapped[str | None] = mapped_column(Text)
    stopped_at: Mapped[int | None]
    # Which worker delivers now, until when; another takes over after that.
    leased_by: Mapped[str] = mapped_column(Text)
    leased_until: Mapped[int]


class WebhookWaiting(Base):
    """An event that a receiver does not have yet."""

    __tablename__ = "webhook_waiting"
    __table_args__ = (
        Index("webhook_waiting_order", "organisation_id", "webhook_id", "subject_id", "seq"),
        _LEAN,
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(primary_key=True)
    # The number in the feed; tests, which are in no feed, lie below zero.
    seq: Mapped[int] = mapped_column(primary_key=True)
    # Events of one subject arrive in order; 0 for those about nobody.
    subject_id: Mapped[int]
    tries: Mapped[int]
    due_at: Mapped[int]


class WebhookAttempt(Base):
    """One try: what it was, what came of it; kept thirty days."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (
        Index("webhook_attempt_order", "organisation_id", "webhook_id", "recorded_at", "id"),
        _LEAN,
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int]
    seq: Mapped[int]
    event: Mapped[str] = mapped_column(Text)
    number: Mapped[int]
    recorded_at: Mapped[int]
    took_ms: Mapped[int]
    status: Mapped[int | None]
    # `delivered`, or one word for why not; never the receiver's own words.
    outcome: Mapped[str] = mapped_column(Text)
