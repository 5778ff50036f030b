"""Table: what a published banner was shown as."""

from __future__ import annotations

from sqlalchemy import LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base

_LEAN = {"sqlite_with_rowid": False}


class NoticeReplay(Base):
    """One view of a version in a language: the page itself, or an image of it.

    `content` is empty where the image was not taken, and `why` says so. All views of a
    version are committed to by one record of the ledger.
    """

    __tablename__ = "notice_replay"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(Text, primary_key=True)
    # `page`, or the layer and the device: `second.phone`.
    view: Mapped[str] = mapped_column(Text, primary_key=True)
    record_id: Mapped[int]
    kept_at: Mapped[int]
    # SHA-256 of the content, which is kept compressed.
    hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    why: Mapped[str | None] = mapped_column(Text)
