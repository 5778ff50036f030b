"""Suppressed hashes: a list of bare SHA-256 finds whom a suppression names, erased or not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "suppressed_hash",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("suppressed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "hash", "suppressed"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE suppressed_hash ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE suppressed_hash FORCE ROW LEVEL SECURITY")
        told = "nullif(current_setting('consent.organisation', true), '')"
        mine = f"organisation_id = {told}::bigint"
        op.execute(f"CREATE POLICY wall ON suppressed_hash USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Go back."""
    op.drop_table("suppressed_hash")
