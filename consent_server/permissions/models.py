"""Tables: who asked about whom."""

from __future__ import annotations

from sqlalchemy import JSON, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base

_LEAN = {"sqlite_with_rowid": False}


class Asking(Base):
    """How often a key asked about a person and a purpose in a day (UTC), and was told what.

    Single lookups only: a bulk answer has its clearance. Written in batches, so a process
    that is killed loses its last second: a lower bound, never one too many.
    """

    __tablename__ = "asking"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True)
    # Days since 1970.
    day: Mapped[int] = mapped_column(primary_key=True)
    purpose_id: Mapped[int] = mapped_column(primary_key=True)
    key_id: Mapped[str] = mapped_column(Text, primary_key=True)
    allowed: Mapped[int] = mapped_column(primary_key=True)
    count: Mapped[int]


class AskingNoted(Base):
    """The same of the last minutes, as a process noted it within a second; not yet tallied.

    Those it asked about lie together by the part of all subjects they are in (tally.py).
    """

    __tablename__ = "asking_noted"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[int]
    purpose_id: Mapped[int]
    key_id: Mapped[str] = mapped_column(Text)
    allowed: Mapped[int]
    # By subject, how often.
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
