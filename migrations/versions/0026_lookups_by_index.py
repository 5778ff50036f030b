"""Lookups find in indexes what they need: an identifier's, and who is linked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_COVERED = ("kind", "closed_at", "subject_id", "shared", "id")


def upgrade() -> None:
    """Go forward."""
    op.drop_index("identifier_hash", "identifier")
    op.create_index("identifier_hash", "identifier", ["organisation_id", "hash", *_COVERED])
    _of_the_linked("subject_linked", ["id", "person_id"], "person_id <> id")
    _of_the_linked("subject_of_root", ["person_id", "id"], "person_id - id <> 0")


def downgrade() -> None:
    """Go back."""
    op.drop_index("subject_of_root", "subject")
    op.drop_index("subject_linked", "subject")
    op.drop_index("identifier_hash", "identifier")
    op.create_index("identifier_hash", "identifier", ["organisation_id", "hash"])


def _of_the_linked(name: str, columns: list[str], where: str) -> None:
    linked = sa.text(where)
    op.create_index(
        name,
        "subject",
        ["organisation_id", *columns],
        sqlite_where=linked,
        postgresql_where=linked,
    )
