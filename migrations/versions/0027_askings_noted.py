"""Askings of the last minutes lie together until they are tallied."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_PLACE = "organisation_id, {subject}, day, purpose_id, key_id, allowed"
# Nothing that was noted is lost on the way back.
_TALLY = """
    INSERT INTO asking (organisation_id, subject_id, day, purpose_id, key_id, allowed, count)
    SELECT n.organisation_id, CAST(e.key AS BIGINT), n.day, n.purpose_id, n.key_id, n.allowed,
        sum(CAST(e.value AS BIGINT))
    FROM asking_noted n CROSS JOIN {each}(n.counts) e
    WHERE EXISTS (SELECT 1 FROM subject s WHERE s.organisation_id = n.organisation_id
        AND s.id = CAST(e.key AS BIGINT))
    GROUP BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (organisation_id, subject_id, day, purpose_id, key_id, allowed)
    DO UPDATE SET count = asking.count + excluded.count
"""


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "asking_noted",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("purpose_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("allowed", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "part", "id"),
        sqlite_with_rowid=False,
    )
    if _on_postgresql():
        _raise_the_wall()


def downgrade() -> None:
    """Go back."""
    postgresql = _on_postgresql()
    if postgresql:
        # Who owns the tables is behind the wall, too.
        op.execute("ALTER TABLE asking_noted NO FORCE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE asking NO FORCE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE subject NO FORCE ROW LEVEL SECURITY")
    op.execute(_TALLY.format(each="json_each_text" if postgresql else "json_each"))
    if postgresql:
        op.execute("ALTER TABLE asking FORCE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE subject FORCE ROW LEVEL SECURITY")
    op.drop_table("asking_noted")


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _raise_the_wall() -> None:
    op.execute("ALTER TABLE asking_noted ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE asking_noted FORCE ROW LEVEL SECURITY")
    told = "nullif(current_setting('consent.organisation', true), '')"
    mine = f"organisation_id = {told}::bigint"
    op.execute(f"CREATE POLICY wall ON asking_noted USING ({mine}) WITH CHECK ({mine})")
