"""The wall: behind one organisation's, nothing of another is there, even unfiltered."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from consent_server import notices
from consent_server.db import Sql, read, write
from consent_server.tables import walled
from tests.support.document import apply, item
from tests.support.make import make_key, make_organisation

if TYPE_CHECKING:
    from flask import Flask

    from tests.support.clock import HandClock


# SQLite has one wall only: the scoped statement.
ON_POSTGRESQL = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)


@pytest.fixture
def filled(app: Flask, clock: HandClock) -> int:
    """Give an organisation with something in every table of configuration."""
    applied = apply(clock)
    make_key(clock, applied.organisation)
    return applied.organisation


@ON_POSTGRESQL
def test_a_statement_that_forgets_whose_rows_it_wants_finds_none_of_anothers(
    filled: int, clock: HandClock
) -> None:
    other = make_organisation(clock)
    seen: dict[str, set[int]] = {}
    with read(other) as tx:
        for table in walled():
            rows = tx.run(Sql(f"SELECT organisation_id FROM {table}"))
            seen[table] = {row[0] for row in rows}
    assert all(owners <= {other} for owners in seen.values()), seen
    with read() as outside:
        assert outside.run(Sql("SELECT organisation_id FROM notice_version")) == []


@ON_POSTGRESQL
def test_nothing_can_be_written_behind_anothers_wall(filled: int, clock: HandClock) -> None:
    other = make_organisation(clock)
    forged = Sql(
        "INSERT INTO site (organisation_id, id, slug, recorded_at)"
        " VALUES (:organisation, 1, 'x', 1)"
    )
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"),
        write(other) as tx,
    ):
        tx.run(forged, {"organisation": filled})


def test_changes_of_one_organisation_follow_each_other(
    filled: int, app: Flask, clock: HandClock
) -> None:
    faults: list[BaseException] = []

    def change(number: int) -> None:
        def rewrite(document: dict[str, Any]) -> None:
            words = item(document, "notices", "site-banner")["words"]["en"]
            words["intro"] = f"Version by writer {number}, quite different from the others."

        try:
            with app.app_context():
                apply(clock, rewrite)
        except Exception as error:  # noqa: BLE001 - any of them fails the test below
            faults.append(error)

    writers = [threading.Thread(target=change, args=(number,)) for number in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert faults == []
    with read(filled) as tx:
        row = notices.find_notice(tx, filled, "site-banner")
        assert row is not None
        numbers = [one.number for one in notices.history(tx, filled, row.id)]
        found = notices.configuration(tx, filled)
    assert numbers == list(range(1, 8))
    assert {number for (notice, _), number in found.floors.items() if notice == row.id} == {7}
