"""Tables: records and their proofs' material, entries waiting, the tree, its heads."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base

_LEAN = {"sqlite_with_rowid": False}


class Record(Base):
    """What an entry commits to: sealed record and salt, and the events it announces.

    Erasure empties `sealed`; the row stays, so that the feed keeps its numbers.
    """

    __tablename__ = "ledger_record"

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[int]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    announcements: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class Pending(Base):
    """Outside the wall: an entry written with its fact, waiting for its place."""

    __tablename__ = "ledger_pending"
    __table_args__ = (Index("ledger_pending_order", "log", "recorded_at"),)

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(primary_key=True)
    log: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[int]
    minute: Mapped[int]
    commitment: Mapped[bytes] = mapped_column(LargeBinary)
    announced: Mapped[int]


class Integrated(Base):
    """Outside the wall: an entry at its place, and the feed numbers it was given."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        Index("ledger_entry_record", "organisation_id", "record_id", unique=True),
        Index("ledger_entry_seq", "organisation_id", "first_seq"),
        _LEAN,
    )

    log: Mapped[str] = mapped_column(Text, primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int]
    record_id: Mapped[int]
    minute: Mapped[int]
    commitment: Mapped[bytes] = mapped_column(LargeBinary)
    # The first feed number of this entry's events, and how many it has (0: none).
    first_seq: Mapped[int]
    announced: Mapped[int]


class Tile(Base):
    """Outside the wall: 256 hashes of the tree, the last one still filling (tlog-tiles)."""

    __tablename__ = "ledger_tile"
    __table_args__ = _LEAN

    log: Mapped[str] = mapped_column(Text, primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    hashes: Mapped[bytes] = mapped_column(LargeBinary)


class Head(Base):
    """Outside the wall: how far a log has grown, and the checkpoint that says so."""

    __tablename__ = "ledger_head"
    __table_args__ = _LEAN

    log: Mapped[str] = mapped_column(Text, primary_key=True)
    origin: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    root: Mapped[bytes] = mapped_column(LargeBinary)
    checkpoint: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[int]


class KeptCheckpoint(Base):
    """Outside the wall: a checkpoint that must be shown again."""

    __tablename__ = "ledger_checkpoint"
    __table_args__ = _LEAN

    log: Mapped[str] = mapped_column(Text, primary_key=True)
    size: Mapped[int] = mapped_column(primary_key=True)
    checkpoint: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[int]
    because: Mapped[str] = mapped_column(Text)


class Stamp(Base):
    """Outside the wall: what an authority said of when a checkpoint was there (RFC 3161)."""

    __tablename__ = "ledger_stamp"
    __table_args__ = _LEAN

    log: Mapped[str] = mapped_column(Text, primary_key=True)
    size: Mapped[int] = mapped_column(primary_key=True)
    authority: Mapped[str] = mapped_column(Text, primary_key=True)
    token: Mapped[bytes] = mapped_column(LargeBinary)
    told_at: Mapped[int]


class Cosignature(Base):
    """Outside the wall: what a witness signed over a checkpoint of ours, and when."""

    __tablename__ = "ledger_cosignature"
    __table_args__ = _LEAN

    # The log's name at that time: under another one, the same size is another checkpoint.
    origin: Mapped[str] = mapped_column(Text, primary_key=True)
    size: Mapped[int] = mapped_column(primary_key=True)
    witness: Mapped[str] = mapped_column(Text, primary_key=True)
    line: Mapped[str] = mapped_column(Text)
    # As it was signed under that name, where another one may be kept of the same size.
    checkpoint: Mapped[str] = mapped_column(Text)
    cosigned_at: Mapped[int]


class Witnessed(Base):
    """Outside the wall: the last checkpoint that we, as a witness, cosigned of a log."""

    __tablename__ = "ledger_witnessed"
    __table_args__ = _LEAN

    origin: Mapped[str] = mapped_column(Text, primary_key=True)
    size: Mapped[int]
    root: Mapped[bytes] = mapped_column(LargeBinary)
    checkpoint: Mapped[str] = mapped_column(Text)
    cosigned_at: Mapped[int]


class Feed(Base):
    """Outside the wall: the next number of an organisation's feed."""

    __tablename__ = "ledger_feed"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    next_seq: Mapped[int]
