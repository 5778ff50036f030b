"""Table: the vault, where records live on, apart, when erasure meets a ground to keep proof."""

from __future__ import annotations

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base


class Vaulted(Base):
    """A record with its salt, sealed under the vault's own key, until its date."""

    __tablename__ = "vault"
    __table_args__ = (
        Index("vault_end", "organisation_id", "ends_at"),
        {"sqlite_with_rowid": False},
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(primary_key=True)
    # Whom it is about, as a hash under the vault's key: found by whoever knows the identifier.
    person: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    kept_at: Mapped[int]
    ends_at: Mapped[int]
