"""Mail use: how often somebody who allows it opened a message, or clicked, in a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "mail_use",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "campaign", "subject_id", "day", "what"),
        sqlite_with_rowid=False,
    )
    op.create_index("mail_use_subject", "mail_use", ["organisation_id", "subject_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE mail_use ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE mail_use FORCE ROW LEVEL SECURITY")
        told = "nullif(current_setting('consent.organisation', true), '')"
        mine = f"organisation_id = {told}::bigint"
        op.execute(f"CREATE POLICY wall ON mail_use USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Go back."""
    op.drop_table("mail_use")
