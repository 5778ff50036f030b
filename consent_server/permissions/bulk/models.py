"""Tables: clearances, and whom each of them asked about."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, LargeBinary, Text
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
