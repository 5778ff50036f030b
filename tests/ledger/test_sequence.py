"""Sequencing: every entry gets one place, in order, and every event one number."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from consent_server import ledger
from consent_server.clock import to_micros
from consent_server.db import Sql, read, write
from consent_server.ledger import sequence as sequencing
from consent_server.ledger.checkpoint import open_checkpoint
from consent_server.ledger.entry import Entry, entry_leaf
from consent_server.ledger.note import parse_vkey
from tests.ledger.world import AT_NOON, World, append_many, append_one, count_of, size_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consent_server.db import Transaction


def places(log: str = "main") -> list[int]:
    with read() as tx:
        rows = tx.run(
            Sql("SELECT record_id FROM ledger_entry WHERE log = :log ORDER BY place"),
            {"log": log},
        )
    return [row[0] for row in rows]


def test_an_idle_log_is_left_alone(world: World) -> None:
    assert world.sequence().counts == {}
    append_many(7, 1)
    world.sequence()
    before = world.guard_file.read_text()
    assert world.sequence().total == 0
    assert world.guard_file.read_text() == before
    assert count_of("checkpoint") == 1


def test_entries_take_their_places_in_the_order_they_were_recorded(world: World) -> None:
    late = append_many(7, 2, at=AT_NOON + 5)
    early = append_many(8, 2, at=AT_NOON)
    world.sequence(batch=3)
    assert places() == sorted(early) + sorted(late)


def test_a_pass_ends_when_nothing_waits_whatever_the_batch(world: World) -> None:
    append_many(7, 10)
    assert world.sequence(batch=3).counts == {"main": 10}
    assert count_of("pending") == 0
    assert count_of("checkpoint") == 4


def test_a_pass_ends_early_when_it_is_told_to(world: World) -> None:
    append_many(7, 10)
    answers = iter([False, True])
    done = ledger.sequence_once(
        clock=world.clock, signer=world.signer, batch=3, stopping=lambda: next(answers)
    )
    assert done.total == 3
    assert count_of("pending") == 7


def test_each_log_has_its_own_origin_size_and_guard(world: World) -> None:
    append_many(7, 3)
    append_many(8, 2, log="sandbox-8")
    assert world.sequence().counts == {"main": 3, "sandbox-8": 2}
    for log, size in (("main", 3), ("sandbox-8", 2)):
        key = parse_vkey(world.vkey(log))
        kept = world.signer.guard.highest(log)
        assert kept is not None
        assert open_checkpoint(kept, [key]).size == size
    assert world.vkey("main") != world.vkey("sandbox-8")


def test_a_log_that_has_begun_keeps_its_origin_whatever_the_settings_say(world: World) -> None:
    append_many(7, 1)
    world.sequence()
    before = world.vkey()
    moved = ledger.LogSigner(
        origin="elsewhere.example/log", keys=world.signer._keys, guard=world.signer.guard
    )
    append_many(7, 1)
    ledger.sequence_once(clock=world.clock, signer=moved)
    assert world.vkey() == before
    assert world.findings() == []


def test_feed_numbers_are_dense_and_in_the_order_of_the_log(world: World) -> None:
    append_many(7, 2, events=0, at=AT_NOON)
    append_many(7, 2, events=3, at=AT_NOON + 1)
    append_many(8, 1, events=2, at=AT_NOON + 2)
    world.sequence(batch=2)
    append_many(7, 1, events=1, at=AT_NOON + 3)
    world.sequence()
    with read(7) as tx:
        events = ledger.feed(tx, 7, 0, 100)
        assert [event.seq for event in events] == list(range(1, 8))
        assert [event.payload["n"] for event in events] == [0, 1, 2, 0, 1, 2, 0]
        assert events[-1].recorded_at == AT_NOON + 3
        assert ledger.feed_head(tx, 7) == 7
    with read(8) as tx:
        assert [event.seq for event in ledger.feed(tx, 8, 0, 100)] == [1, 2]


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
def test_the_feed_is_the_same_however_it_is_paged(world: World, limit: int) -> None:
    for events in (2, 0, 3, 1, 0, 4):
        append_many(7, 1, events=events)
    world.sequence()
    seen: list[ledger.Event] = []
    with read(7) as tx:
        while page := ledger.feed(tx, 7, seen[-1].seq if seen else 0, limit):
            assert len(page) <= limit
            seen += page
        assert seen == ledger.feed(tx, 7, 0, 1000)
        assert [event.seq for event in seen] == list(range(1, 11))


def test_the_feed_of_nobody_is_empty(world: World) -> None:
    with read(9) as tx:
        assert ledger.feed(tx, 9, 0, 10) == []
        assert ledger.feed_head(tx, 9) == 0


def test_the_last_checkpoint_of_an_hour_is_marked(world: World) -> None:
    for minutes in (0, 20, 50, 10):
        world.clock.advance(minutes=minutes)
        append_many(7, 1, at=to_micros(world.clock()))
        world.sequence()
    with read() as tx:
        kept = tx.run(Sql("SELECT size, because FROM ledger_checkpoint ORDER BY size"))
    assert [tuple(row) for row in kept] == [
        (1, "published"),
        (2, "hour"),
        (3, "published"),
        (4, "published"),
    ]


def test_security_112_a_batch_prepared_before_another_was_signed_is_thrown_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    append_many(7, 5)
    others: list[int] = []

    @contextmanager
    def overtaken() -> Iterator[Transaction]:
        monkeypatch.setattr(sequencing, "write", write)
        others.append(world.sequence(batch=2).total)
        with write() as tx:
            yield tx

    monkeypatch.setattr(sequencing, "write", overtaken)
    assert world.sequence().total == 0
    assert others == [5]
    assert places() == sorted(places())
    assert world.findings() == []


def test_security_112_two_sequencers_and_their_writers_make_one_history(world: World) -> None:
    done = threading.Event()

    def keep_sequencing() -> None:
        with world.app.app_context():
            while not done.is_set() or count_of("pending"):
                world.sequence(batch=7)

    def keep_writing(organisation: int) -> list[int]:
        with world.app.app_context():
            return [each for _ in range(30) for each in append_many(organisation, 3, events=2)]

    with ThreadPoolExecutor() as pool:
        sequencers = [pool.submit(keep_sequencing) for _ in range(2)]
        writers = [pool.submit(keep_writing, organisation) for organisation in (7, 8)]
        try:
            written = [each for writer in writers for each in writer.result()]
        finally:
            done.set()
        for sequencer in sequencers:
            sequencer.result()
    assert sorted(places()) == sorted(written)
    assert size_of() == 180
    assert world.findings() == []


def test_a_writer_does_not_wait_for_a_batch_that_is_being_prepared(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    append_many(7, 3)
    late: list[int] = []

    def slow(entry: Entry) -> bytes:
        # On SQLite this would fail at once if the sequencer held the write lock here.
        if not late:
            late.extend(append_many(8, 1))
        return entry_leaf(entry)

    monkeypatch.setattr(sequencing, "entry_leaf", slow)
    world.sequence()
    assert size_of() == 4
    assert late[0] in places()


def test_what_is_written_while_a_batch_is_signed_waits_for_the_next(world: World) -> None:
    with write(7) as tx:
        append_one(tx, 7)
        if tx.postgresql:
            # Nobody sees it before its commit, and nothing waits for it.
            assert world.sequence().total == 0
    assert world.sequence().total == 1
