"""Checking: whatever is changed behind the server's back, the check finds and names it."""

from __future__ import annotations

import pytest

from consent_server import ledger
from consent_server.db import read
from tests.ledger.world import (
    AT_NOON,
    World,
    append_many,
    change,
    dump_tree,
    make_keys,
    restore_tree,
    size_of,
)


@pytest.fixture
def grown(world: World) -> World:
    """Give a log with full and partial tiles, two organisations, and something pending."""
    append_many(7, 300, events=2)
    world.sequence(batch=130)
    append_many(8, 10, events=0)
    append_many(7, 1, at=AT_NOON + 1)
    world.sequence()
    append_many(7, 2)
    return world


def test_a_log_that_nobody_touched_is_in_order(grown: World) -> None:
    assert grown.findings() == []


def test_the_check_tells_how_far_it_has_come(grown: World) -> None:
    told: list[int] = []
    with read() as tx:
        assert (
            list(ledger.check_log(tx, "main", signer=grown.signer, progress=told.append)) == []
        )
    assert sum(told) == size_of() == 311
    told.clear()
    with read(7) as tx:
        assert list(ledger.check_organisation(tx, 7, progress=told.append)) == []
    assert sum(told) == 303


def test_a_log_that_never_began_is_in_order(world: World) -> None:
    with read() as tx:
        assert list(ledger.check_log(tx, "main", signer=world.signer)) == []
    append_many(7, 2)
    assert world.findings() == []


DAMAGES = [
    ("UPDATE ledger_entry SET commitment = :b WHERE place = 5", {"checkpoint", "tile"}),
    ("UPDATE ledger_entry SET commitment = :b WHERE place = 5", {"record", "root"}),
    ("UPDATE ledger_entry SET minute = minute + 1 WHERE place = 299", {"record", "tile"}),
    ("DELETE FROM ledger_entry WHERE place = 5", {"entry", "record", "feed"}),
    ("DELETE FROM ledger_entry WHERE place = 310", {"entry", "record", "feed"}),
    ("UPDATE ledger_entry SET place = 311 WHERE place = 310", {"entry"}),
    ("UPDATE ledger_tile SET hashes = :b WHERE level = 0 AND number = 0", {"tile"}),
    ("UPDATE ledger_tile SET hashes = :b WHERE level = 0 AND number = 1", {"tile"}),
    ("UPDATE ledger_tile SET hashes = :b WHERE level = 1", {"tile"}),
    ("DELETE FROM ledger_tile WHERE level = 1", {"tile"}),
    ("UPDATE ledger_head SET root = :b", {"head", "root"}),
    ("UPDATE ledger_head SET size = 310", {"head", "entry"}),
    ("UPDATE ledger_head SET size = 312", {"head", "entry"}),
    ("DELETE FROM ledger_head", {"head", "entry"}),
    ("UPDATE ledger_head SET checkpoint = 'x'", {"head"}),
    ("UPDATE ledger_checkpoint SET checkpoint = 'x' WHERE size = 130", {"checkpoint"}),
    (
        "UPDATE ledger_checkpoint SET checkpoint ="
        " (SELECT checkpoint FROM ledger_head) WHERE size = 130",
        {"checkpoint"},
    ),
    ("UPDATE ledger_feed SET next_seq = next_seq + 1 WHERE organisation_id = 7", {"feed"}),
    ("UPDATE ledger_feed SET next_seq = next_seq - 1 WHERE organisation_id = 7", {"feed"}),
    ("DELETE FROM ledger_feed", {"feed"}),
    ("UPDATE ledger_entry SET first_seq = 0 WHERE place = 5", {"feed"}),
    ("UPDATE ledger_entry SET first_seq = first_seq + 1 WHERE place = 5", {"feed"}),
    ("UPDATE ledger_entry SET announced = 1 WHERE place = 5", {"feed", "record"}),
    ("DELETE FROM ledger_pending", {"record"}),
    ("UPDATE ledger_pending SET commitment = :b", {"record"}),
    (
        "INSERT INTO ledger_pending SELECT organisation_id, record_id, log, 0, minute,"
        " commitment, announced FROM ledger_entry WHERE place = 5",
        {"record"},
    ),
    (
        "INSERT INTO ledger_pending (organisation_id, record_id, log, recorded_at,"
        " minute, commitment, announced) VALUES (7, 5, 'main', 0, 0, :b, 0)",
        {"entry"},
    ),
]


def test_security_112_what_is_changed_outside_the_wall_is_found(grown: World) -> None:
    whole = dump_tree()
    for damage, codes in DAMAGES:
        change(damage, b=bytes(32))
        found = {finding.code for finding in grown.findings()}
        assert codes <= found, damage
        restore_tree(whole)
    assert grown.findings() == []


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ("DELETE FROM ledger_record WHERE organisation_id = 7 AND id = :it", "entry"),
        ("UPDATE ledger_record SET sealed = :b WHERE id = :it", "record"),
        ("UPDATE ledger_record SET recorded_at = 0 WHERE id = :it", "record"),
        ("UPDATE ledger_record SET announcements = '[]' WHERE id = :it", "record"),
        (
            "INSERT INTO ledger_record SELECT organisation_id, 5, kind, recorded_at, sealed,"
            " announcements FROM ledger_record WHERE id = :it",
            "record",
        ),
        (
            "UPDATE ledger_record SET sealed = (SELECT sealed FROM ledger_record"
            " WHERE id <> :it LIMIT 1) WHERE id = :it",
            "record",
        ),
    ],
)
def test_what_is_changed_behind_the_wall_is_found(world: World, damage: str, code: str) -> None:
    record_id = append_many(7, 3)[1]
    world.sequence()
    change(damage, 7, it=record_id, b=bytes(100))
    assert code in {finding.code for finding in world.findings()}


def test_a_finding_says_where_and_what(grown: World) -> None:
    change("DELETE FROM ledger_tile WHERE level = 0 AND number = 0")
    assert grown.findings() == [
        ledger.Finding("tile", "main", "tile 0/0 is not that of the entries")
    ]


def test_without_its_keys_an_organisation_is_checked_as_far_as_it_can_be(world: World) -> None:
    record_id = append_many(7, 1)[0]
    world.sequence()
    change("UPDATE ledger_record SET sealed = :b WHERE id = :it", 7, b=bytes(9), it=record_id)
    with read(7) as tx:
        assert list(ledger.check_organisation(tx, 7)) == []
        assert len(list(ledger.check_organisation(tx, 7, keys=make_keys(7)))) == 1


def test_a_check_beside_a_sequencer_at_work_finds_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    append_many(7, 300)
    world.sequence()
    append_many(7, 20)

    def meanwhile(_count: int) -> None:
        world.sequence(batch=5)

    with read() as tx:
        found = list(ledger.check_log(tx, "main", signer=world.signer, progress=meanwhile))
    assert found == []
    assert size_of() == 320
