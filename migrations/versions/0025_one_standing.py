"""Standing is one row of a subject, packed; what ends when, a table beside it.

Written as `decisions.packed` writes it, whose bytes tell their own form: a later release reads
what this one converts.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op

from consent_server.db import as_json, to_json
from consent_server.decisions.ends import ends_of
from consent_server.decisions.packed import pack, unpack
from consent_server.decisions.rules import No, Row, Yes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# Rows that are held in memory at once.
_BATCH = 5_000
_COLUMNS = (
    "organisation_id", "subject_id", "purpose_id", "identifier_id",
    "yes_id", "yes_given_at", "yes_recorded_at", "yes_expires_at", "yes_notice_id",
    "yes_number", "yes_version_id", "yes_assertion", "yes_enough", "yes_names",
    "no_id", "no_recorded_at", "no_state",
)  # fmt: skip


def upgrade() -> None:
    """Go forward."""
    op.drop_index("standing_expiry", table_name="standing")
    _set_aside()
    _create(
        "standing",
        _number("ends_at"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        key=("organisation_id", "subject_id"),
    )
    _create("standing_end", key=("organisation_id", "ends_at", "subject_id"))
    people = groupby(_read(_COLUMNS, 4), key=itemgetter(0, 1))
    for batch in _batches(_packed(list(raws)) for _, raws in people):
        _write("standing", [row for row, _ in batch])
        _write("standing_end", [end for _, ends in batch for end in ends])
    _end("standing", "standing_end")
    _index("standing_ends", "ends_at")


def downgrade() -> None:
    """Go back."""
    op.drop_table("standing_end")
    _set_aside()
    _create(
        "standing",
        *[_number(name) for name in _COLUMNS[4:11]],
        sa.Column("yes_assertion", sa.Text(), nullable=True),
        _number("yes_enough"),
        sa.Column("yes_names", sa.JSON(), nullable=True),
        *[_number(name) for name in _COLUMNS[14:16]],
        sa.Column("no_state", sa.Text(), nullable=True),
        key=_COLUMNS[:4],
    )
    old = _read(("organisation_id", "subject_id", "body"), 2)
    for batch in _batches(row for one in old for row in _unpacked(*one)):
        _write("standing", batch)
    _end("standing")
    _index("standing_expiry", "yes_expires_at")


def _packed(raws: list[Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    rows = [(raw[2], _row(raw)) for raw in raws]
    place = dict(zip(_COLUMNS[:2], raws[0], strict=False))
    moments = ends_of(rows)
    ends = [{**place, "ends_at": moment} for moment in moments[1:]]
    return {**place, "ends_at": moments[0] if moments else None, "body": pack(rows)}, ends


def _row(raw: Any) -> Row:
    yes = no = None
    if raw[4] is not None:
        yes = Yes(
            decision=raw[4],
            given_at=raw[5],
            recorded_at=raw[6],
            expires_at=raw[7],
            notice=raw[8],
            number=raw[9],
            version=raw[10],
            assertion=raw[11],
            enough=bool(raw[12]),
            names=frozenset(as_json(raw[13])) if raw[13] else frozenset(),
        )
    if raw[14] is not None:
        no = No(decision=raw[14], recorded_at=raw[15], state=raw[16])
    return Row(subject=raw[1], identifier=raw[3], yes=yes, no=no)


def _unpacked(organisation: int, subject: int, body: bytes) -> Iterator[dict[str, Any]]:
    for purpose, row in unpack(body, subject):
        yes, no = row.yes, row.no
        said = (None,) * 10
        if yes is not None:
            names = to_json(sorted(yes.names)) if yes.names else None
            said = (  # type: ignore[assignment] # of ten, too
                yes.decision, yes.given_at, yes.recorded_at, yes.expires_at, yes.notice,
                yes.number, yes.version, yes.assertion, int(yes.enough), names,
            )  # fmt: skip
        refused = (no.decision, no.recorded_at, no.state) if no else (None, None, None)
        values = (organisation, subject, purpose, row.identifier, *said, *refused)
        yield dict(zip(_COLUMNS, values, strict=True))


def _read(columns: tuple[str, ...], key: int) -> Iterator[Any]:
    """Read what was set aside in the order of its key, some rows at a time."""
    names = columns[:key]
    listed = ", ".join(names)
    places = ", ".join(f":{name}" for name in names)
    ask = sa.text(
        f"SELECT {', '.join(columns)} FROM standing_before"  # noqa: S608 - our own names
        f" WHERE ({listed}) > ({places}) ORDER BY {listed} LIMIT {_BATCH}"
    )
    last: tuple[int, ...] = (0,) * key
    while rows := op.get_bind().execute(ask, dict(zip(names, last, strict=True))).all():
        yield from rows
        last = tuple(rows[-1][:key])


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= _BATCH:
            yield batch
            batch = []
    yield batch


def _write(table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        names = ", ".join(rows[0])
        places = ", ".join(f":{name}" for name in rows[0])
        text = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608 - our own names
        op.get_bind().execute(sa.text(text), rows)


def _index(name: str, moment: str) -> None:
    given = sa.text(f"{moment} IS NOT NULL")
    op.create_index(
        name,
        "standing",
        ["organisation_id", moment, "subject_id"],
        sqlite_where=given,
        postgresql_where=given,
    )


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=True)


def _create(table: str, *columns: sa.Column[Any], key: tuple[str, ...]) -> None:
    op.create_table(
        table,
        *[sa.Column(name, sa.BigInteger(), nullable=False) for name in key],
        *columns,
        sa.PrimaryKeyConstraint(*key, name=None),
        sqlite_with_rowid=False,
    )


def _postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _set_aside() -> None:
    op.rename_table("standing", "standing_before")
    if _postgresql():
        op.execute("ALTER INDEX standing_pkey RENAME TO standing_before_pkey")
        # The owner reads every organisation's.
        op.execute("ALTER TABLE standing_before NO FORCE ROW LEVEL SECURITY")


def _end(*tables: str) -> None:
    op.drop_table("standing_before")
    if not _postgresql():
        return
    told = "nullif(current_setting('consent.organisation', true), '')"
    mine = f"organisation_id = {told}::bigint"
    for table in tables:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY wall ON {table} USING ({mine}) WITH CHECK ({mine})")
