"""Crossed hashes are found by their identifier: an erasure need not look at all of them."""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_index(
        "crossed_hash_identifier", "crossed_hash", ["organisation_id", "identifier_id"]
    )


def downgrade() -> None:
    """Go back."""
    op.drop_index("crossed_hash_identifier", "crossed_hash")
