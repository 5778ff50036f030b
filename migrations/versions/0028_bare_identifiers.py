"""An identifier says whether anything else is known of its subject: lookups need not look."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_TOLD: Final = ("kind", "closed_at", "subject_id", "shared", "id")
# True of whoever has one identifier, and no fact, open or closed.
_FILL: Final = """
    UPDATE identifier SET bare = 1
    WHERE NOT EXISTS (SELECT 1 FROM identifier o
        WHERE o.organisation_id = identifier.organisation_id
            AND o.subject_id = identifier.subject_id AND o.id <> identifier.id)
      AND NOT EXISTS (SELECT 1 FROM subject_fact f
        WHERE f.organisation_id = identifier.organisation_id
            AND f.subject_id = identifier.subject_id)
"""
# Whoever writes them, in whatever order, from whatever version: the database takes it back.
_TAKE_BACK: Final = """
    UPDATE identifier SET bare = 0 WHERE organisation_id = NEW.organisation_id
        AND subject_id = NEW.subject_id AND bare = 1;
"""
_TRIGGERS: Final = {
    "identifier_not_bare": "AFTER INSERT ON identifier FOR EACH ROW WHEN (NEW.bare = 0)",
    "subject_fact_not_bare": "AFTER INSERT ON subject_fact FOR EACH ROW",
}


def upgrade() -> None:
    """Go forward."""
    # Written once, when all of its rows are known.
    op.drop_index("identifier_hash", "identifier")
    op.add_column(
        "identifier", sa.Column("bare", sa.BigInteger(), nullable=False, server_default="0")
    )
    _of_everybody(_FILL)
    op.create_index(
        "identifier_hash", "identifier", ["organisation_id", "hash", *_TOLD, "bare"]
    )
    if _on_postgresql():
        # A plan made while a table was small would be kept until it is large.
        op.execute(
            "CREATE FUNCTION not_bare() RETURNS trigger LANGUAGE plpgsql"
            f" SET enable_seqscan = off AS $$ BEGIN {_TAKE_BACK} RETURN NULL; END $$"
        )
    for name, when in _TRIGGERS.items():
        does = "EXECUTE FUNCTION not_bare()" if _on_postgresql() else f"BEGIN {_TAKE_BACK} END"
        op.execute(f"CREATE TRIGGER {name} {when} {does}")


def downgrade() -> None:
    """Go back."""
    for name, when in _TRIGGERS.items():
        on = f" ON {when.split()[3]}" if _on_postgresql() else ""
        op.execute(f"DROP TRIGGER {name}{on}")
    if _on_postgresql():
        op.execute("DROP FUNCTION not_bare()")
    op.drop_index("identifier_hash", "identifier")
    op.drop_column("identifier", "bare")
    op.create_index("identifier_hash", "identifier", ["organisation_id", "hash", *_TOLD])


def _of_everybody(statement: str) -> None:
    # Who owns the tables is behind the wall, too.
    tables = ("identifier", "subject_fact") if _on_postgresql() else ()
    for table in tables:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(statement)
    for table in tables:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
