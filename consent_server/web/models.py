"""Table: what a key already asked, so that a retry is answered and not repeated."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base


class Idempotency(Base):
    """The first answer to an Idempotency-Key, kept 30 days; keys are kept as hashes."""

    __tablename__ = "idempotency"
    __table_args__ = (
        Index("idempotency_age", "recorded_at"),
        {"sqlite_with_rowid": False},
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int]
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    recorded_at: Mapped[int]
    route: Mapped[str] = mapped_column(Text)
