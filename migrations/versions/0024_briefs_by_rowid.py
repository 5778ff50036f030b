"""Briefs on SQLite lie by their numbers alone, which are the table's rowids.

A table without rowids has whole rows in the inner pages of its tree: at five million people
these were thirty megabytes, and most lines of a list read one of them again from the disk's
cache. A number that two organisations have, which hardly ever happens, is nobody's: both answer
from the facts.
"""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_ROWS = """
    organisation_id BIGINT NOT NULL,
    key {key} NOT NULL,
    asks BIGINT NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT NOT NULL,
    said TEXT NOT NULL,
"""


def upgrade() -> None:
    """Go forward."""
    if op.get_bind().dialect.name != "sqlite":
        return
    rows = _ROWS.format(key="INTEGER")
    op.execute(f"CREATE TABLE brief_anew ({rows} PRIMARY KEY (key))")
    op.execute(
        """
        INSERT INTO brief_anew (organisation_id, key, asks, since, until, said)
        SELECT organisation_id, key, asks, since, until, said FROM brief WHERE true
        ON CONFLICT (key) DO UPDATE SET organisation_id = 0, asks = 0, said = ''
        """
    )
    _replace()
    op.create_index("brief_organisation", "brief", ["organisation_id"])


def downgrade() -> None:
    """Go back; what was nobody's is made anew with the next change."""
    if op.get_bind().dialect.name != "sqlite":
        return
    op.drop_index("brief_organisation", "brief")
    rows = _ROWS.format(key="BIGINT")
    op.execute(
        f"CREATE TABLE brief_anew ({rows} PRIMARY KEY (organisation_id, key)) WITHOUT ROWID"
    )
    op.execute(
        """
        INSERT INTO brief_anew (organisation_id, key, asks, since, until, said)
        SELECT organisation_id, key, asks, since, until, said FROM brief
        WHERE organisation_id <> 0 ORDER BY organisation_id, key
        """
    )
    _replace()


def _replace() -> None:
    op.execute("DROP TABLE brief")
    op.execute("ALTER TABLE brief_anew RENAME TO brief")
