"""People who leave: what links and suppressions need once somebody has been erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("link", sa.Column("closing_id", sa.BigInteger(), nullable=True))
    op.add_column("unsubscribe_link", sa.Column("kind", sa.Text(), nullable=True))
    op.add_column("unsubscribe_link", sa.Column("hash", sa.LargeBinary(), nullable=True))
    op.add_column("unsubscribe_link", sa.Column("key_version", sa.BigInteger(), nullable=True))
    op.create_index(
        "suppression_order", "suppression", ["organisation_id", "recorded_at", "id"]
    )
    op.create_table(
        "parting_name",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "record_id"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE parting_name ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE parting_name FORCE ROW LEVEL SECURITY")
        told = "nullif(current_setting('consent.organisation', true), '')"
        mine = f"organisation_id = {told}::bigint"
        op.execute(f"CREATE POLICY wall ON parting_name USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Go back."""
    op.drop_table("parting_name")
    op.drop_index("suppression_order", table_name="suppression")
    for column in ("key_version", "hash", "kind"):
        op.drop_column("unsubscribe_link", column)
    op.drop_column("link", "closing_id")
