"""Tables: clearances, whom each asked about, lists that wait for the worker, and briefs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base

_LEAN = {"sqlite_with_rowid": False}


class Clearance(Base):
    """The signed proof that a campaign asked; written once, when its last line is answered."""

    __tablename__ = "clearance"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    recorded_at: Mapped[int]
    # What it says, as the contract has it, and the same signed (compact JWS).
    said: Mapped[dict[str, Any]] = mapped_column(JSON)
    signature: Mapped[str] = mapped_column(Text)


class ClearanceAsked(Base):
    """Whom a clearance asked about: keyed hashes that begin with the same byte."""

    __tablename__ = "clearance_asked"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    # The byte first: who asks about one person reads one part of every campaign.
    part: Mapped[int] = mapped_column(primary_key=True)
    clearance_id: Mapped[int] = mapped_column(primary_key=True)
    hashes: Mapped[bytes] = mapped_column(LargeBinary)


class PermissionJob(Base):
    """A list that is answered while nobody waits: what was asked, how far it has come.

    The cursor moves once the answers of a batch are on the disk: whoever carries on a job
    that was broken off goes on where it stood. Both files lie beside the database, sealed.
    """

    __tablename__ = "permission_job"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    # The clearance it will have.
    clearance_id: Mapped[int]
    recorded_at: Mapped[int]
    # Who asked, for the audit trail and the clearance.
    actor: Mapped[str] = mapped_column(Text)
    # What was asked: purpose, channel, formats, columns.
    asked: Mapped[dict[str, Any]] = mapped_column(JSON)
    question_sha256: Mapped[str] = mapped_column(Text)
    total_bytes: Mapped[int]
    # `waiting`, `running`, `done`, or `failed`.
    state: Mapped[str] = mapped_column(Text)
    because: Mapped[str | None] = mapped_column(Text)
    # Lines that are answered, and about how many bytes of the question they took.
    passed: Mapped[int]
    passed_bytes: Mapped[int]
    # How much of the answer is true: its plain bytes, its frames, its size on the disk.
    answer_bytes: Mapped[int]
    answer_frames: Mapped[int]
    answer_size: Mapped[int]
    # {reason: lines}, and when the first and the last batch were read.
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)
    first_at: Mapped[int | None]
    last_at: Mapped[int | None]
    finished_at: Mapped[int | None]


class Brief(Base):
    """What a list needs to know of one identifier and purpose: derived, can be rebuilt.

    Of plain people alone: whoever is linked, shares an identifier, or asked for a pause or a
    cap has none, and is answered from the facts. Purpose 0 is of every purpose that has no row.
    """

    __tablename__ = "brief"
    __table_args__ = (Index("brief_subject", "organisation_id", "subject_id"), _LEAN)

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    purpose_id: Mapped[int] = mapped_column(primary_key=True)
    # The first eight bytes of the keyed hash, in its order, and the eight after them.
    key: Mapped[int] = mapped_column(primary_key=True)
    rest: Mapped[int]
    subject_id: Mapped[int]
    # All who have the same one are answered alike, but for their decision and its times.
    shape: Mapped[int]
    # Decision, since and expires_at, as a list writes them.
    tail: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[int | None]
    # Between these two moments the shape holds.
    since: Mapped[int | None]
    until: Mapped[int | None]


class BriefReached(Base):
    """How far the briefs of an organisation follow its log; made once a list was long."""

    __tablename__ = "brief_reached"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    # The log as it was called, and how many of its entries are in the briefs.
    origin: Mapped[str] = mapped_column(Text)
    place: Mapped[int]
    # How long relationships are kept, as the shapes have it.
    retention: Mapped[str] = mapped_column(Text)
    # While they are built: the last keyed hash that is; afterwards nothing.
    built: Mapped[bytes | None] = mapped_column(LargeBinary)
