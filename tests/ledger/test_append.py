"""Appending: with its fact or not at all, and nothing readable left behind."""

from __future__ import annotations

from contextlib import suppress

import pytest

from consent_server import ids, ledger
from consent_server.db import DUPLICATE, Sql, read, swift_write, write
from consent_server.ledger.canonical import NotCanonicalError
from tests.ledger.world import (
    AT_NOON,
    World,
    append_many,
    append_one,
    count_of,
    make_keys,
    make_record,
)


class ChangedMindError(Exception):
    pass


def test_an_entry_waits_only_if_its_transaction_commits(world: World) -> None:
    with suppress(ChangedMindError), write(7) as tx:
        append_one(tx, 7)
        raise ChangedMindError
    assert count_of("pending") == 0
    with swift_write(7) as tx:
        append_one(tx, 7)
    assert count_of("pending") == 1
    assert world.sequence().counts == {"main": 1}


def test_what_waits_shows_nothing_of_the_record(world: World) -> None:
    with write(7) as tx:
        append_one(tx, 7, more={"source": "a fair in Lyon"})
        rows = tx.run(Sql("SELECT * FROM ledger_record"))
        rows += tx.run(Sql("SELECT * FROM ledger_pending"))
    text = repr(rows)
    assert "Lyon" not in text
    assert "granted" not in text


def test_two_equal_records_have_different_commitments(world: World) -> None:
    record_id, other = ids.new_id(), ids.new_id()
    with write(7) as tx:
        for each in (record_id, other):
            ledger.append(
                tx,
                organisation=7,
                log="main",
                record_id=each,
                kind="decision",
                record=make_record(7, record_id),
                recorded_at=AT_NOON,
                keys=make_keys(7),
            )
        found = {row[0] for row in tx.run(Sql("SELECT commitment FROM ledger_pending"))}
    assert len(found) == 2


@pytest.mark.parametrize(
    "more",
    [
        {"kind": "link"},
        {"organisation": 7},
        {"recorded_at": "2026-11-23T12:00:00Z"},
        {"recorded_at": None},
    ],
)
def test_a_record_that_could_not_be_proved_is_refused(
    world: World, more: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match="a record"), write(7) as tx:
        append_one(tx, 7, more=more)
    assert count_of("pending") == 0


@pytest.mark.parametrize("value", [2**60, float("nan"), "\ud800", b"bytes"])
def test_a_record_without_one_form_is_refused(world: World, value: object) -> None:
    with pytest.raises(NotCanonicalError), write(7) as tx:
        append_one(tx, 7, more={"value": value})
    assert count_of("pending") == 0


def test_a_record_id_is_used_once(world: World) -> None:
    record_id = append_many(7, 1)[0]
    with pytest.raises(DUPLICATE), write(7) as tx:
        ledger.append(
            tx,
            organisation=7,
            log="main",
            record_id=record_id,
            kind="decision",
            record=make_record(7, record_id),
            recorded_at=AT_NOON,
            keys=make_keys(7),
        )
    assert count_of("pending") == 1


def test_no_organisation_reads_the_records_of_another(world: World) -> None:
    append_many(7, 3)
    world.sequence()
    with read(8) as tx:
        assert ledger.feed(tx, 8, 0, 10) == []
        rows = tx.run(Sql("SELECT id FROM ledger_record WHERE organisation_id = 7"))
        # The second wall stands on PostgreSQL alone; the first is in every statement.
        assert not tx.postgresql or rows == []
