"""Briefs: one row for each digest of an identifier, whatever the purposes; made in parts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; briefs are derived, and made anew."""
    op.drop_table("brief")
    op.create_table(
        "brief",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("asks", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "brief_part",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "part", "subject_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "brief_gone",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "key"),
        sqlite_with_rowid=False,
    )
    op.create_index("suppressed_hash_of", "suppressed_hash", ["organisation_id", "suppressed"])
    op.execute("ALTER TABLE brief_reached RENAME COLUMN retention TO ground")
    _wall("brief", "brief_part", "brief_gone")


def downgrade() -> None:
    """Go back."""
    op.execute("ALTER TABLE brief_reached RENAME COLUMN ground TO retention")
    op.drop_index("suppressed_hash_of", "suppressed_hash")
    for table in ("brief_gone", "brief_part", "brief"):
        op.drop_table(table)
    op.create_table(
        "brief",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("rest", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("shape", sa.BigInteger(), nullable=False),
        sa.Column("tail", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("organisation_id", "purpose_id", "key"),
        sqlite_with_rowid=False,
    )
    op.create_index("brief_subject", "brief", ["organisation_id", "subject_id"])
    _wall("brief")


def _wall(*tables: str) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    told = "nullif(current_setting('consent.organisation', true), '')"
    mine = f"organisation_id = {told}::bigint"
    for table in tables:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY wall ON {table} USING ({mine}) WITH CHECK ({mine})")
