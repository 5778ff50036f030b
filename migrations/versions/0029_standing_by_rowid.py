"""Standing on SQLite lies by the numbers of subjects alone, which are the table's rowids.

A table without rowids has whole rows in the inner pages of its tree: at ten million people
these were thirty megabytes, and nearly every lookup read one or two of them that nothing had
at hand. Two organisations never draw one number; if they did, the second would be refused.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    _rebuild("subject_id INTEGER NOT NULL", "PRIMARY KEY (subject_id))", "subject_id")


def downgrade() -> None:
    """Go back."""
    _rebuild(
        "subject_id BIGINT NOT NULL",
        "PRIMARY KEY (organisation_id, subject_id)) WITHOUT ROWID",
        "organisation_id, subject_id",
    )


def _rebuild(number: str, key: str, order: str) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    op.drop_index("standing_ends", "standing")
    op.execute(
        f"CREATE TABLE standing_anew (organisation_id BIGINT NOT NULL, {number},"
        f" ends_at BIGINT, body BLOB NOT NULL, {key}"
    )
    op.execute(
        "INSERT INTO standing_anew (organisation_id, subject_id, ends_at, body)"  # noqa: S608 - our own names
        f" SELECT organisation_id, subject_id, ends_at, body FROM standing ORDER BY {order}"
    )
    op.drop_table("standing")
    op.rename_table("standing_anew", "standing")
    given = sa.text("ends_at IS NOT NULL")
    op.create_index(
        "standing_ends",
        "standing",
        ["organisation_id", "ends_at", "subject_id"],
        sqlite_where=given,
    )
