"""Partners: a key may name the trackers whose proofs it fetches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("api_key", sa.Column("trackers", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("api_key", "trackers")
