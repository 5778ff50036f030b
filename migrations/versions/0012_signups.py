"""Sign-ups: what was asked for in a form, until the person of the address confirms it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "signup",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("decision_id", sa.BigInteger(), nullable=True),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("organisation_id", "id"),
        sa.UniqueConstraint("organisation_id", "name"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "signup_state", "signup", ["organisation_id", "state", "recorded_at"], unique=False
    )
    op.create_index("signup_person", "signup", ["organisation_id", "hash"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE signup ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE signup FORCE ROW LEVEL SECURITY")
        told = "nullif(current_setting('consent.organisation', true), '')"
        mine = f"organisation_id = {told}::bigint"
        op.execute(f"CREATE POLICY wall ON signup USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Go back."""
    op.drop_index("signup_person", table_name="signup")
    op.drop_index("signup_state", table_name="signup")
    op.drop_table("signup")
