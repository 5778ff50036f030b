"""Mail: by which server an organisation's leaves, and what waits to leave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WALLED = ("mail_message", "mail_server")


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "mail_server",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("organisation_id", "id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mail_message",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recipient_hash", sa.LargeBinary(), nullable=False),
        sa.Column("key_version", sa.BigInteger(), nullable=False),
        sa.Column("mailbox_hash", sa.LargeBinary(), nullable=False),
        sa.Column("domain_hash", sa.LargeBinary(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("leased_by", sa.Text(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("organisation_id", "id"),
        sqlite_with_rowid=False,
    )
    for name, *columns in (
        ("mail_message_due", "due_at"),
        ("mail_message_mailbox", "mailbox_hash", "recorded_at"),
        ("mail_message_domain", "domain_hash", "recorded_at"),
    ):
        op.create_index(name, "mail_message", ["organisation_id", *columns], unique=False)
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
    for name in ("mail_message_domain", "mail_message_mailbox", "mail_message_due"):
        op.drop_index(name, table_name="mail_message")
    op.drop_table("mail_message")
    op.drop_table("mail_server")
