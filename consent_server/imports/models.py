"""Tables: imports on their way, and mappings of columns saved by name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base

_LEAN = {"sqlite_with_rowid": False}


class ImportJob(Base):
    """A file on its way in: what was asked, how far it has come, what became of its rows.

    The cursor moves in the transaction of the rows it has passed: a killed importer leaves
    a job that goes on where it stood. The file lies beside the database, sealed.
    """

    __tablename__ = "import_job"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    recorded_at: Mapped[int]
    # Who asked, for the audit trail and the decisions' `key_id`.
    actor: Mapped[str] = mapped_column(Text)
    key_id: Mapped[str | None] = mapped_column(Text)
    # What was asked, sealed: a source or an evidence may be written with an address in it.
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    dry: Mapped[int]
    # `waiting`, `running`, `done`, or `failed`.
    state: Mapped[str] = mapped_column(Text)
    because: Mapped[str | None] = mapped_column(Text)
    # Pass 1 carries noes and facts, pass 2 carries yeses.
    phase: Mapped[int]
    # Records of the file that this pass is done with, and the bytes they take.
    passed: Mapped[int]
    passed_bytes: Mapped[int]
    total_bytes: Mapped[int]
    # {"rows", "new", "unchanged", "refused", "reasons": {code: [count, lines]}}
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)
    # How much of the errors file is true.
    errors_bytes: Mapped[int]
    # Whoever runs it holds it until then; after that another one may take over.
    held_until: Mapped[int]
    finished_at: Mapped[int | None]


class ImportMapping(Base):
    """Which column of a tool's file is which of ours, saved under a name."""

    __tablename__ = "import_mapping"
    __table_args__ = _LEAN

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    columns: Mapped[dict[str, Any]] = mapped_column(JSON)
    recorded_at: Mapped[int]
