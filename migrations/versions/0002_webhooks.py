"""Webhooks: receivers, their secrets, where each stands, what waits, what was tried."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WALLED = (
    "webhook",
    "webhook_attempt",
    "webhook_secret",
    "webhook_state",
    "webhook_waiting",
)


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "webhook",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("organisation_id", "id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "webhook_attempt",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("webhook_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("took_ms", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "webhook_attempt_order",
        "webhook_attempt",
        ["organisation_id", "webhook_id", "recorded_at", "id"],
        unique=False,
    )
    op.create_table(
        "webhook_secret",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("webhook_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("closes_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("organisation_id", "webhook_id", "id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "webhook_state",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("webhook_id", sa.BigInteger(), nullable=False),
        sa.Column("reached", sa.BigInteger(), nullable=False),
        sa.Column("paused_until", sa.BigInteger(), nullable=False),
        sa.Column("stopped", sa.Text(), nullable=True),
        sa.Column("stopped_at", sa.BigInteger(), nullable=True),
        sa.Column("leased_by", sa.Text(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "webhook_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "webhook_waiting",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("webhook_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "webhook_id", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "webhook_waiting_order",
        "webhook_waiting",
        ["organisation_id", "webhook_id", "subject_id", "seq"],
        unique=False,
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
    op.drop_index("webhook_waiting_order", table_name="webhook_waiting")
    op.drop_table("webhook_waiting")
    op.drop_table("webhook_state")
    op.drop_table("webhook_secret")
    op.drop_index("webhook_attempt_order", table_name="webhook_attempt")
    op.drop_table("webhook_attempt")
    op.drop_table("webhook")
