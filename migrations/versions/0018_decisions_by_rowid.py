"""Decisions on SQLite lie in the order in which they came, and are found by an index.

A row of theirs is some 700 bytes. In a table without rowids whole rows stand in the inner
pages of its tree, too, which then holds five of them to a page and grows a level deeper
with every factor of five.
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_LEAN = re.compile(r"\)\s*WITHOUT ROWID\s*$")


def upgrade() -> None:
    """Go forward."""
    _rebuild(lean=False)


def downgrade() -> None:
    """Go back."""
    _rebuild(lean=True)


def _rebuild(*, lean: bool) -> None:
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        return
    made = "SELECT sql FROM sqlite_master WHERE tbl_name = 'decision' AND type = :type"
    (table,) = bind.scalars(sa.text(made), {"type": "table"})
    indexes = bind.scalars(sa.text(f"{made} AND sql IS NOT NULL"), {"type": "index"}).all()
    plain = _LEAN.sub(")", table.strip())
    _, _, columns = plain.partition("(")
    ending = " WITHOUT ROWID" if lean else ""
    bind.exec_driver_sql(f"CREATE TABLE decision_anew ({columns}{ending}")
    bind.exec_driver_sql(
        "INSERT INTO decision_anew SELECT * FROM decision ORDER BY recorded_at"
    )
    bind.exec_driver_sql("DROP TABLE decision")
    bind.exec_driver_sql("ALTER TABLE decision_anew RENAME TO decision")
    for index in indexes:
        bind.exec_driver_sql(index)
