"""Rows given by column are the rows they would have been one by one, on both engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from consent_server.db import Insert, Sql, columns_of, read, swift_write
from consent_server.ids import new_id
from consent_server.subjects.models import Identifier

if TYPE_CHECKING:
    from flask import Flask


INSERT = Insert(Identifier.__table__)
ROWS = Sql(
    "SELECT id, subject_id, kind, hash, key_version, sealed, shared, verified_at, recorded_at,"
    " closed_at, bare FROM identifier WHERE organisation_id = :organisation ORDER BY id"
)
GREAT = 2**63 - 1


def rows(organisation: int, count: int) -> list[dict[str, Any]]:
    return [
        {
            "organisation_id": organisation,
            "id": place + 1,
            "subject_id": GREAT - place,
            "kind": ("email", 'a "%s" \\ é', "")[place % 3],
            "hash": place.to_bytes(2, "big") * (1 + place % 5),
            "key_version": 1,
            "sealed": b"\0\xff",
            "shared": place % 2,
            "verified_at": None if place % 3 else -place,
            "recorded_at": 5,
            "closed_at": None if place else 7,
            "bare": place % 2,
        }
        for place in range(count)
    ]


def found(organisation: int) -> list[tuple[Any, ...]]:
    with read(organisation) as tx:
        told = tx.run(ROWS, {"organisation": organisation})
    return [
        tuple(bytes(each) if isinstance(each, memoryview) else each for each in row)
        for row in told
    ]


def as_told(told: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(list(row.values())[1:]) for row in told]


@pytest.mark.parametrize("count", [2, 400])
def test_columns_and_waiting_rows_are_written_as_they_were_given(
    app: Flask, count: int
) -> None:
    with app.app_context():
        for way in ("columns", "later"):
            organisation = new_id()
            told = rows(organisation, count)
            with swift_write(organisation) as tx:
                if way == "columns":
                    tx.write_columns(INSERT, columns_of(INSERT, told))
                for row in told if way == "later" else ():
                    tx.later(INSERT, row)
            assert found(organisation) == as_told(told)


def test_what_was_sent_and_refused_is_raised_and_undone(app: Flask) -> None:
    with app.app_context():
        organisation = new_id()
        twice = [{**row, "id": 5} for row in rows(organisation, 2)]
        with pytest.raises(Exception, match=r"(?i)unique"), swift_write(organisation) as tx:
            tx.write_columns(INSERT, columns_of(INSERT, twice))
        assert found(organisation) == []
        # The connection is whole, and the wall holds: nobody writes for another.
        with swift_write(organisation) as tx:
            tx.write_columns(INSERT, columns_of(INSERT, rows(organisation, 3)))
            postgresql = tx.postgresql
        if postgresql:
            with pytest.raises(Exception, match="row-level"), swift_write(organisation) as tx:
                tx.write_columns(INSERT, columns_of(INSERT, rows(new_id(), 3)))
        assert len(found(organisation)) == 3
