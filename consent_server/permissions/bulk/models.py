"""Tables: clearances, whom each asked about, lists that wait for the worker, and briefs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, LargeBinary, Text
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
    """What a list needs to know under one digest: derived, can be rebuilt.

    Every open identifier has one under each of its digests (briefs/mark.py), so that whoever
    has none is nobody. Of plain people alone it is told what stands for each purpose: whoever
    is linked, shares an identifier, or asked for a pause or a cap is answered from the facts.

    On SQLite the key alone is the table's rowid (migration 0024): its tree has numbers in its
    inner pages, and not whole rows, so that they stay in memory while a list is looked up.
    """

    __tablename__ = "brief"
    __table_args__ = (
        Index("brief_organisation", "organisation_id", info={"only": "sqlite"}).ddl_if(
            dialect="sqlite"
        ),
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    # Of the masked digest; `said` begins with more of it.
    key: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True
    )
    # Who may ask for it: by the identifier (1), by its SHA-256 (2); if nobody may, the facts.
    asks: Mapped[int]
    # Between these two moments it holds.
    since: Mapped[int]
    until: Mapped[int]
    # The rest of the digest; shapes and tails, as briefs/shape.py has them.
    said: Mapped[str] = mapped_column(Text)


class BriefPart(Base):
    """Briefs on their way: made in the order of subjects, to be written in that of keys."""

    __tablename__ = "brief_part"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    # The first byte of the keys, and the last subject of the lot they were made in.
    part: Mapped[int] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str] = mapped_column(Text)


class BriefGone(Base):
    """What an erasure left for the worker: briefs that nobody may ask for any more."""

    __tablename__ = "brief_gone"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[int] = mapped_column(primary_key=True)


class BriefReached(Base):
    """How far the briefs of an organisation follow its log; made once a list was long."""

    __tablename__ = "brief_reached"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    # The log as it was called, and how many of its entries are in the briefs.
    origin: Mapped[str] = mapped_column(Text)
    place: Mapped[int]
    # What they are made under: how long relationships are kept, the index key, their layout.
    ground: Mapped[str] = mapped_column(Text)
    # While they are built: how far that is (briefs/build.py); afterwards nothing.
    built: Mapped[bytes | None] = mapped_column(LargeBinary)
