"""Writers that meet share one transaction: none is lost in it, and none harms another."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import pysqlite3.dbapi2 as pysqlite
import pytest

from consent_server import ledger
from consent_server.db import DUPLICATE, TROUBLE, Sql, Together, Transaction, read
from consent_server.ids import new_id
from consent_server.problems import NotFound
from tests.ledger.world import append_one, count_of, make_keys, make_signer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from flask import Flask

    from tests.support.clock import HandClock

    Act = Callable[[Transaction], Any]

OURS: Final = 7
_COMMIT: Final = Transaction.commit
_RECORDS = Sql("SELECT id FROM ledger_record WHERE organisation_id = :organisation")


def keep(record: int) -> Act:
    """Write one record with its pending entry."""
    return lambda tx: append_one(tx, OURS, record_id=record)


def kept() -> set[int]:
    with read(OURS) as tx:
        return {number for (number,) in tx.run(_RECORDS, {"organisation": OURS})}


@dataclass
class Gate:
    """Lets one writer in and holds it there, while the others come and wait for it."""

    app: Flask
    groups: list[int] = field(default_factory=list)
    _held: Event = field(default_factory=Event)
    _go: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.together: Together[Act, None, Any] = Together(
            self._ask, lambda tx, act, _: act(tx)
        )
        self._pool = ThreadPoolExecutor(24)

    def meet(self, acts: Sequence[Act], keys: Sequence[int] = ()) -> list[Future[Any]]:
        """Let these writers wait at the same time behind one of ours."""
        first = self._start(0, self._hold)
        assert self._held.wait(10)
        places = keys or range(1, len(acts) + 1)
        others = [self._start(key, act) for key, act in zip(places, acts, strict=True)]
        self._until_all_wait(len(acts))
        self._go.set()
        first.result(20)
        for each in others:
            each.exception(20)
        return others

    def _ask(self, _tx: Transaction, acts: Sequence[Act]) -> list[None]:
        self.groups.append(len(acts))
        return [None] * len(acts)

    def _hold(self, _tx: Transaction) -> None:
        self._held.set()
        assert self._go.wait(10)

    def _start(self, key: int, act: Act) -> Future[Any]:
        def write() -> Any:
            with self.app.app_context():
                return self.together.write(OURS, key, act)

        return self._pool.submit(write)

    def _until_all_wait(self, several: int) -> None:
        pause = Event()
        for _ in range(2000):
            if self.together.waiting() == several:
                return
            pause.wait(0.005)
        raise AssertionError("they did not come")


@pytest.fixture
def gate(app: Flask) -> Iterator[Gate]:
    made = Gate(app)
    yield made
    made._pool.shutdown()


def test_those_who_wait_at_once_are_written_by_one_commit(gate: Gate) -> None:
    records = {new_id() for _ in range(5)}
    with patch.object(Transaction, "commit", autospec=True, side_effect=_COMMIT) as commits:
        gate.meet([keep(each) for each in records])
    assert gate.groups == [1, 5]
    assert commits.call_count == 2
    assert kept() == records


def test_nobody_is_answered_before_the_commit(gate: Gate) -> None:
    answered: list[int] = []

    def look(tx: Transaction) -> None:
        answered.append(sum(each.done() for each in futures))
        _COMMIT(tx)

    futures: list[Future[Any]] = []
    start = gate._start

    def starting(key: int, act: Act) -> Future[Any]:
        futures.append(start(key, act))
        return futures[-1]

    with patch.object(gate, "_start", starting), patch.object(Transaction, "commit", look):
        gate.meet([keep(new_id()) for _ in range(4)])
    # The second commit is that of the four; only the one before them was answered by then.
    assert answered[0] == 0
    assert answered[1] <= 1


def test_who_is_refused_writes_nothing_and_harms_nobody(gate: Gate) -> None:
    mine, others = new_id(), {new_id(), new_id()}

    def refused(tx: Transaction) -> None:
        append_one(tx, OURS, record_id=mine)
        raise NotFound

    one, other = others
    answers = gate.meet([keep(one), refused, keep(other)])
    assert isinstance(answers[1].exception(), NotFound)
    assert gate.groups == [1, 3]
    assert kept() == others


def test_who_is_refused_after_a_part_was_written_leaves_nothing_of_it(gate: Gate) -> None:
    mine, others = new_id(), {new_id(), new_id()}

    def refused(tx: Transaction) -> None:
        append_one(tx, OURS, record_id=mine)
        # A question comes after everything that waits to be written.
        tx.run(_RECORDS, {"organisation": OURS})
        raise NotFound

    one, other = others
    answers = gate.meet([keep(one), refused, keep(other)])
    assert isinstance(answers[1].exception(), NotFound)
    assert kept() == others


def test_whom_the_database_refuses_harms_nobody(gate: Gate) -> None:
    twice, others = new_id(), {new_id(), new_id()}
    gate.together.write(OURS, 0, keep(twice))
    one, other = others
    answers = gate.meet([keep(one), keep(twice), keep(other)])
    assert isinstance(answers[1].exception(), DUPLICATE)
    assert kept() == {twice, *others}


def test_a_commit_that_fails_acknowledges_nobody_and_keeps_nothing(gate: Gate) -> None:
    commits: list[Transaction] = []

    def commit(tx: Transaction) -> None:
        commits.append(tx)
        if len(commits) == 2:
            raise pysqlite.OperationalError("disk I/O error")
        _COMMIT(tx)

    with patch.object(Transaction, "commit", commit):
        answers = gate.meet([keep(new_id()) for _ in range(3)])
    assert all(isinstance(each.exception(), TROUBLE) for each in answers)
    assert kept() == set()
    # The next ones are served as if nothing had been.
    record = new_id()
    gate.together.write(OURS, 0, keep(record))
    assert kept() == {record}


def test_two_with_the_same_key_follow_each_other(gate: Gate) -> None:
    gate.meet([keep(new_id()) for _ in range(4)], keys=[1, 2, 1, 1])
    assert gate.groups == [1, 2, 1, 1]
    assert len(kept()) == 4


def test_what_was_written_together_is_numbered_without_a_gap(
    gate: Gate, app: Flask, clock: HandClock
) -> None:
    gate.meet([keep(new_id()) for _ in range(6)])
    assert count_of("pending") == len(kept()) == 6
    done = ledger.sequence_once(clock=clock, signer=make_signer(app))
    assert done.counts == {"main": 6}
    with read(OURS) as tx:
        assert [event.seq for event in ledger.feed(tx, OURS, 0, 100)] == [1, 2, 3, 4, 5, 6]
        assert list(ledger.check_organisation(tx, OURS, keys=make_keys(OURS))) == []


def test_a_leader_lets_as_many_come_as_met_just_before(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.meet([keep(new_id()) for _ in range(3)])
    gate.groups.clear()
    # Far longer than the test may take: it goes on because they came.
    monkeypatch.setattr("consent_server.db.together._GATHERING", 60)
    three = [gate._start(place, keep(new_id())) for place in range(3)]
    for each in three:
        each.result(20)
    assert gate.groups == [3]


def test_who_comes_alone_waits_for_nobody_any_more(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.meet([keep(new_id()) for _ in range(3)])
    gate._start(0, keep(new_id())).result(20)
    monkeypatch.setattr("consent_server.db.together._GATHERING", 60)
    gate._start(0, keep(new_id())).result(20)
    assert gate.groups == [1, 3, 1, 1]
