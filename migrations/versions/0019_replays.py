"""Replays: what each published banner was shown as, kept with images of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "notice_replay",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("kept_at", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("organisation_id", "version_id", "language", "view"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE notice_replay ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE notice_replay FORCE ROW LEVEL SECURITY")
        told = "nullif(current_setting('consent.organisation', true), '')"
        mine = f"organisation_id = {told}::bigint"
        op.execute(f"CREATE POLICY wall ON notice_replay USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Go back."""
    op.drop_table("notice_replay")
