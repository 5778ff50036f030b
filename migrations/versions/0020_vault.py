"""Vault: records that outlive an erasure, under a key of their own, until their date."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "vault",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "record_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("vault_end", "vault", ["organisation_id", "ends_at"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE vault ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE vault FORCE ROW LEVEL SECURITY")
        told = "nullif(current_setting('consent.organisation', true), '')"
        mine = f"organisation_id = {told}::bigint"
        op.execute(f"CREATE POLICY wall ON vault USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Go back."""
    op.drop_table("vault")
