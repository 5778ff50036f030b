"""Columns say of thousands of lines what reading each of them would say."""

from __future__ import annotations

import subprocess
import sys
from operator import itemgetter
from typing import TYPE_CHECKING

from hypothesis import example, given
from hypothesis import strategies as st

from consent_server.clock import rfc3339_micros
from consent_server.ids import public
from consent_server.permissions.bulk.briefs.read import _in_columns
from consent_server.permissions.bulk.briefs.shape import NOTHING, purpose_name
from consent_server.permissions.bulk.columns import beside, np, texts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = 1_795_000_000_000_000


@given(
    st.lists(st.tuples(st.binary(max_size=40), st.binary(max_size=3), st.binary(max_size=9))),
    st.data(),
)
@example([(b"", b"", b"")], None)
def test_columns_stand_beside_each_other_as_lines_put_together(
    lines: list[tuple[bytes, ...]], data: st.DataObject | None
) -> None:
    columns = [texts_of(list(map(itemgetter(at), lines))) for at in range(3)]
    assert beside(columns) == b"".join(map(b"".join, lines))
    if data is not None and lines:
        chosen = data.draw(st.lists(st.integers(0, len(lines) - 1)))
        some = [each.among(np.array(chosen, np.int64)) for each in columns]
        assert beside(some) == b"".join(b"".join(lines[at]) for at in chosen)


def test_a_line_longer_than_a_short_number_stands_beside_the_others() -> None:
    lines = [b"a" * 70_000, b"b", b"c" * 65_536, b""]
    assert beside([texts_of(lines), texts_of([b"\n"] * 4)]) == b"".join(
        each + b"\n" for each in lines
    )


moments = st.integers(NOW - 2, NOW + 2) | st.integers(0, 1 << 51)


def sized(size: int) -> st.SearchStrategy[str]:
    return st.text("ABYZabyz0189+/", min_size=size, max_size=size)


tails = st.one_of(
    st.just(NOTHING),
    st.builds(
        lambda number, since, until: (
            f"{public('dec', number)},{rfc3339_micros(since)},"
            f"{'' if until is None else rfc3339_micros(until)}"
        ),
        st.integers(1, 1 << 62),
        moments,
        st.none() | moments,
    ),
)
stood = st.dictionaries(st.integers(1, 4), st.tuples(sized(10), tails), max_size=3)
briefs = st.one_of(
    st.just(""),
    st.just("-"),
    st.tuples(st.from_regex("[0-9a-f]{8}", fullmatch=True), sized(10), stood),
)


def written(brief: str | tuple[str, str, dict[int, tuple[str, str]]]) -> str:
    if isinstance(brief, str):
        return brief
    rest, base, purposes = brief
    return (
        rest
        + base
        + "".join(
            sorted(f";{purpose_name(each)}{''.join(said)}" for each, said in purposes.items())
        )
    )


@given(st.lists(briefs, min_size=1), st.integers(1, 5))
def test_briefs_are_read_in_columns_as_each_is_read_alone(
    several: Sequence[str | tuple[str, str, dict[int, tuple[str, str]]]], purpose: int
) -> None:
    now = rfc3339_micros(NOW)
    told = "\n".join(map(written, several)).encode()
    kept = _in_columns(told, purpose_name(purpose).encode(), now.encode())
    names: dict[tuple[str, bool], int] = {}
    for at, brief in enumerate(several):
        assert bool(kept.nobody[at]) == (brief == "")
        assert bool(kept.usable[at]) == isinstance(brief, tuple)
        if isinstance(brief, tuple):
            rest, base, purposes = brief
            shape, tail = purposes.get(purpose, (base, NOTHING))
            assert kept.tails.at(at).decode() == tail
            assert int(kept.rests[at]).to_bytes(8, sys.byteorder) == rest.encode()
            *_, until = tail.split(",")
            # Alike are those of one shape, as far as their time is over or is not.
            name = int(kept.shapes[at])
            assert name >= 0
            assert names.setdefault((shape, until != "" and until <= now), name) == name
    assert len(set(names.values())) == len(names)


def test_a_server_that_is_asked_no_list_does_without_numpy() -> None:
    told = (
        "import os, sys\n"
        "import consent_server.cli, consent_server.serve, consent_server.worker\n"
        "print('numpy' in sys.modules)\n"
        "from consent_server.permissions.bulk.columns import load\n"
        "load()\n"
        # Hands are forked from a process that has it, and no threads.
        "print('numpy' in sys.modules, len(os.listdir('/proc/self/task')))\n"
    )
    found = subprocess.run([sys.executable, "-c", told], capture_output=True, check=True)
    assert found.stdout.split() == [b"False", b"True", b"1"]
