"""Ids are drawn: nobody's tells how many there are, and no two are alike."""

from __future__ import annotations

import os
import string
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from consent_server import ids

NEAR = 50


def neighbourhoods(drawn: list[int]) -> set[int]:
    return {each >> NEAR for each in drawn}


def test_an_id_is_a_number_of_63_bits() -> None:
    drawn = [ids.new_id() for _ in range(5000)]
    assert all(0 < each < 1 << 63 for each in drawn)


def test_no_two_are_alike_however_many_draw() -> None:
    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(lambda _: [ids.new_id() for _ in range(5000)], range(16)))
    every = [each for several in drawn for each in several]
    assert len(set(every)) == len(every)


def test_what_is_drawn_at_once_lies_together_in_the_order_of_time() -> None:
    here = ids._Neighbourhood()
    drawn = [here.draw() for _ in range(2000)]
    assert drawn == sorted(drawn)
    assert len(neighbourhoods(drawn)) == 1


def test_several_drawn_at_once_follow_each_other_and_those_drawn_after_them() -> None:
    here = ids._Neighbourhood()
    drawn = [here.draw(), *here.draw_many(2000), here.draw(), *here.draw_many(1), here.draw()]
    assert drawn == sorted(set(drawn))
    assert len(drawn) == 2004
    assert len(neighbourhoods(drawn)) == 1
    assert ids.new_ids(0) == []


def test_the_next_neighbourhood_lies_anywhere() -> None:
    here = ids._Neighbourhood()
    drawn = []
    for _ in range(2000):
        here.leave()
        drawn.append(here.draw())
    assert drawn != sorted(drawn)
    assert len(neighbourhoods(drawn)) > 1500


def test_the_steps_between_ids_do_not_tell_how_many_lie_between() -> None:
    here = ids._Neighbourhood()
    steps = []
    for _ in range(200):
        first, _, third = here.draw(), here.draw(), here.draw()
        steps.append(third - first)
    # Neither one, two, nor any multiple that would count.
    assert len(set(steps)) > 190


def test_a_forked_process_draws_elsewhere() -> None:
    ids.new_id()
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.write(writing, str(ids.new_id()).encode())
        os._exit(0)
    os.waitpid(child, 0)
    told = int(os.read(reading, 100))
    os.close(reading)
    os.close(writing)
    # One chance in eight thousand.
    assert neighbourhoods([told]) != neighbourhoods([ids.new_id()])


@given(st.integers(1, (1 << 63) - 1))
def test_an_id_is_read_as_it_was_written(number: int) -> None:
    assert ids.parse("dec", ids.public("dec", number)) == number
    assert ids.parse("sub", ids.public("dec", number)) is None


@given(
    st.text(
        string.ascii_letters + string.digits + "_+- .\u0661\uff11", min_size=13, max_size=13
    )
)
def test_nothing_else_is_read_as_an_id(letters: str) -> None:
    number = ids.parse("dec", f"dec_{letters}")
    assert number is None or ids.public("dec", number) == f"dec_{letters}"


def test_whatever_is_no_digit_of_ours_spoils_an_id() -> None:
    for letter in "ilouILOU_+- A\n\u0661":
        for place in range(13):
            letters = "1" * place + letter + "1" * (12 - place)
            assert ids.parse("dec", f"dec_{letters}") is None
