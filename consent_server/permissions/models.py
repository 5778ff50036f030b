"""Tables: who asked about whom."""

from __future__ import annotations

from sqlalchemy import Text
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
