"""The table: what a person reads after `make bench`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.footprint import MEMORY_BYTES, START_SECONDS
from bench.rounds import KINDS, OURS, STRANGE, TARGETS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.footprint import Footprint
    from bench.rounds import Compared

_HEAD = (
    f"{'':<18}{'':<16}{'req/s':>8}{'ours is':>9}{'CPU µs':>9}{'ours is':>9}"
    f"{'db µs':>8}{'p50 ms':>8}{'p99 ms':>8}"
)


def compared_lines(engine: str, compared: list[Compared]) -> Iterator[str]:
    """Write the journeys of one engine, each against both bare routes."""
    yield f"{engine}: one run; medians of the rounds; CPU of the HTTP server per request"
    yield _HEAD
    for one in compared:
        for kind in (*KINDS, STRANGE):
            yield _line(one, kind)
        yield _verdict(one)


def _line(one: Compared, kind: str) -> str:
    ours = kind in (OURS, STRANGE)
    throughput = "" if ours else f"{one.throughput_ratio(kind):.0%}"
    cpu = "" if ours else f"{one.cpu_ratio(kind):.0%}"
    figures = [one.figure(kind, name) for name in ("database_cpu", "p50_ms", "p99_ms")]
    return (
        f"{one.journey if kind == KINDS[0] else '':<18}{kind:<16}"
        f"{one.figure(kind, 'per_second'):>8.0f}{throughput:>9}"
        f"{one.figure(kind, 'cpu'):>9.0f}{cpu:>9}"
        f"{figures[0]:>8.0f}{figures[1]:>8.1f}{figures[2]:>8.1f}"
    )


def _verdict(one: Compared) -> str:
    target, found = TARGETS[one.journey], one.throughput_ratio(KINDS[0])
    word = "reached" if found >= target else "missed"
    strange = one.throughput_ratio(KINDS[0], ours=STRANGE)
    said = f"of the bare route {found:.0%}, asked {target:.0%}: {word}"
    return f"{'':<18}{said}; {strange:.0%} with other heads"


def footprint_lines(weighed: Footprint) -> Iterator[str]:
    """Write the figures that are no ratios, each with what is asked."""
    memory = weighed.memory_bytes / 1e6
    refused = {code: n for code, n in weighed.steady_statuses.items() if code[0] != "2"}
    start = f"{weighed.start_seconds:.1f} s, asked {START_SECONDS:.0f}"
    yield f"cold start to first answer: {start}"
    yield (
        f"master and two workers after {weighed.memory_after} requests: {memory:.0f} MB"
        f" proportional, asked {MEMORY_BYTES / 1e6:.0f}"
    )
    yield (
        f"{weighed.rate:.0f} decisions/s with the worker running:"
        f" {sum(weighed.steady_statuses.values())} sent, refused {refused or 'none'},"
        f" p99 {weighed.steady_p99_ms:.0f} ms"
    )
