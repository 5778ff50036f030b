"""Askings: which key asked about whom, for what, on which day, and was told what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "asking",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("purpose_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("allowed", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation_id", "subject_id", "day", "purpose_id", "key_id", "allowed"
        ),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        _raise_the_wall()


def _raise_the_wall() -> None:
    op.execute("ALTER TABLE asking ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE asking FORCE ROW LEVEL SECURITY")
    told = "nullif(current_setting('consent.organisation', true), '')"
    mine = f"organisation_id = {told}::bigint"
    op.execute(f"CREATE POLICY wall ON asking USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Go back."""
    op.drop_table("asking")
