"""Vaulted hashes: a lookup says `erased` as long as the vault keeps a proof of the address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; of what is in the vault already, nobody can tell whose it is."""
    op.create_table(
        "vaulted_hash",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "hash"),
        sqlite_with_rowid=False,
    )
    op.create_index("vaulted_hash_end", "vaulted_hash", ["organisation_id", "ends_at"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE vaulted_hash ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE vaulted_hash FORCE ROW LEVEL SECURITY")
        told = "nullif(current_setting('consent.organisation', true), '')"
        mine = f"organisation_id = {told}::bigint"
        op.execute(f"CREATE POLICY wall ON vaulted_hash USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Go back."""
    op.drop_table("vaulted_hash")
