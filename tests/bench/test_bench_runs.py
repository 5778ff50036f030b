"""The measurements run and say what they should; how fast anything is, is no test's matter."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.load import Hole, Request

ROOT = Path(__file__).parents[2]


SHORT = ("--seconds", "0.2", "--rounds", "1", "--subjects", "20")


def run_bench(*more: str, module: str = "bench", short: tuple[str, ...] = SHORT) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, *short, *more],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_one_run_compares_each_journey_with_both_bare_routes(engine: str) -> None:
    told = json.loads(run_bench("--engine", engine, "--json"))["engines"][engine]
    assert set(told["journeys"]) == {"lookup", "new visitor", "returning visitor"}
    for journey in told["journeys"].values():
        for ratio in ("throughput", "cpu"):
            assert set(journey[ratio]) == {"bare route", "same statements"}
    assert set(told["footprint"]["steady_statuses"]) == {"201"}


def test_another_makes_links_presses_them_and_opens_a_long_history() -> None:
    short = ("--seconds", "0.4", "--links", "30", "--decisions", "20", "--engine", "sqlite")
    told = json.loads(run_bench("--json", module="bench.newsletters", short=short))["sqlite"]
    assert set(told["links"]) == {"new", "known"}
    assert told["clicks"]["one_click"]["answers"] == 20
    assert told["clicks"]["one_click"]["refused"] == told["clicks"]["lookup"]["refused"] == {}
    assert told["centre"]["decisions"] >= 20


def test_a_request_announces_the_length_it_will_have_once_its_holes_are_filled() -> None:
    request = Request("/there", {"a": Hole(0), "b": Hole()}, rows=[["seven77"]])
    head, *body = request.parts()
    filled = ["x" * 22 if part == -1 else "seven77" if part == 0 else part for part in body]
    assert f"Content-Length: {len(''.join(map(str, filled)))}\r\n" in str(head)
