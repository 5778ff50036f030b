"""Hands: what several processes make side by side comes back in its order, or not at all."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import pytest

from consent_server.permissions.bulk.frames import Gone
from consent_server.permissions.bulk.hands import Hands
from consent_server.permissions.bulk.turns import Turns
from consent_server.problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def nothing() -> None:
    """Leave nothing: there is none to leave."""


def counted(taken: list[int], count: int) -> Iterator[int]:
    for number in range(count):
        taken.append(number)
        yield number


def slowest_first(number: int) -> tuple[int, int]:
    time.sleep(0.02 if number % 2 == 0 else 0)
    return number, os.getpid()


def test_what_hands_make_comes_in_the_order_of_the_list() -> None:
    taken: list[int] = []
    with closing(Hands(2, slowest_first, leave=nothing)) as hands:
        made = hands.made(counted(taken, 7))
        first = next(made)
        # One for each hand, and one more for the hand that has given what it made.
        assert taken == [0, 1, 2]
        several = [first, *made]
    assert [number for number, _ in several] == list(range(7))
    assert len({process for _, process in several} - {os.getpid()}) == 2


def test_what_a_hand_is_refused_with_is_raised_where_it_was_asked() -> None:
    def work(number: int) -> int:
        if number == 3:
            raise Unavailable("the database is gone")
        return number

    with closing(Hands(2, work, leave=nothing)) as hands:
        made = hands.made(iter(range(9)))
        assert [next(made) for _ in range(3)] == [0, 1, 2]
        with pytest.raises(Unavailable):
            next(made)


def test_a_hand_that_is_killed_is_missed_and_nothing_more_is_given() -> None:
    with closing(Hands(2, slowest_first, leave=nothing)) as hands:
        made = hands.made(iter(range(9)))
        _, process = next(made)
        os.kill(process, signal.SIGKILL)
        with pytest.raises(Gone):
            assert [number for number, _ in made] == list(range(1, 9))


def test_two_lists_take_turns_and_one_that_is_killed_gives_its_turn_back() -> None:
    with closing(Turns(2)) as turns:

        def hold(portion: int) -> tuple[int, float, float]:
            with turns.taken(os.getpid()):
                begun = time.monotonic()
                time.sleep(0.05)
                return os.getpid(), begun, time.monotonic()

        with ExitStack() as stack:
            lists = [stack.enter_context(closing(Hands(2, hold, leave=nothing))) for _ in "ab"]
            with ThreadPoolExecutor(2) as pool:
                told = list(pool.map(lambda each: list(each.made(iter(range(4)))), lists))
        held = [(begun, ended) for several in told for _, begun, ended in several]
        assert len(held) == 8
        # When any of them began, one other at most had not ended.
        assert all(sum(begun <= each < ended for begun, ended in held) <= 2 for each, _ in held)
        _is_given_back(turns, hold)


def _is_given_back(turns: Turns, hold: Callable[[int], tuple[int, float, float]]) -> None:
    with closing(Hands(1, hold, leave=nothing)) as hands:
        made = hands.made(iter(range(2)))
        os.kill(next(made)[0], signal.SIGKILL)
    # Else this would wait for ever.
    with turns.taken(0), closing(Hands(1, hold, leave=nothing)) as other:
        assert len(list(other.made(iter(range(1))))) == 1
