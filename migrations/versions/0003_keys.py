"""Keys: two secrets while one replaces the other, rates of their own, when last used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("api_key", sa.Column("former_hash", sa.LargeBinary(), nullable=True))
    op.add_column("api_key", sa.Column("former_until", sa.BigInteger(), nullable=True))
    op.add_column("api_key", sa.Column("quotas", sa.JSON(), nullable=True))
    op.add_column("api_key", sa.Column("exposed_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "key_use",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "key_id"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        _raise_the_wall()


def _raise_the_wall() -> None:
    op.execute("ALTER TABLE key_use ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE key_use FORCE ROW LEVEL SECURITY")
    told = "nullif(current_setting('consent.organisation', true), '')"
    mine = f"organisation_id = {told}::bigint"
    op.execute(f"CREATE POLICY wall ON key_use USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Go back."""
    op.drop_table("key_use")
    for name in ("exposed_at", "quotas", "former_until", "former_hash"):
        op.drop_column("api_key", name)
