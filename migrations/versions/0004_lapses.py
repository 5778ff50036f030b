"""Lapses: what ended by time or new words, told once; an index of what ends when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WALLED = ("lapse", "lapse_reached")


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "lapse",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose_id", sa.BigInteger(), nullable=False),
        sa.Column("yes_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation_id", "subject_id", "purpose_id", "yes_id", "kind"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lapse_reached",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("reached", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "what"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "standing_expiry",
        "standing",
        ["organisation_id", "yes_expires_at", "subject_id"],
        unique=False,
        sqlite_where=sa.text("yes_expires_at IS NOT NULL"),
        postgresql_where=sa.text("yes_expires_at IS NOT NULL"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _raise_the_wall()


def _raise_the_wall() -> None:
    for table in WALLED:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        told = "nullif(current_setting('consent.organisation', true), '')"
        mine = f"organisation_id = {told}::bigint"
        op.execute(f"CREATE POLICY wall ON {table} USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Go back."""
    op.drop_index("standing_expiry", table_name="standing")
    op.drop_table("lapse_reached")
    op.drop_table("lapse")
