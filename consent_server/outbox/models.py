"""Table: the names others knew an erased person by, for the one event that still tells them."""

from __future__ import annotations

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base

_LEAN = {"sqlite_with_rowid": False}


class PartingName(Base):
    """The external ids of somebody erased: sealed, and forgotten after thirty days.

    Whoever keeps their own record under such an id must hear of it; nobody else does.
    """

    __tablename__ = "parting_name"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    # The erasure's record, whose events carry the names.
    record_id: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[int]
