"""`python -m bench`: build a stage on each engine, measure, print the ratios."""

from __future__ import annotations

import argparse
import json
import os
import platform
from typing import Any

from bench.footprint import weigh
from bench.report import compared_lines, footprint_lines
from bench.rounds import compare
from bench.stage import JOURNEYS, staged
from tests.support.databases import ENGINES, Engine


def main() -> None:
    told = _arguments()
    measured: dict[str, Any] = {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "engines": {},
    }
    for engine in [told.engine] if told.engine else ENGINES:
        measured["engines"][engine] = _measure(engine, told)
    if told.json:
        print(json.dumps(measured, indent=2))


def _measure(engine: Engine, told: argparse.Namespace) -> dict[str, Any]:
    say = (lambda *_: None) if told.json else print
    with staged(engine, told.subjects) as stage:
        compared = [
            compare(stage, journey, seconds=told.seconds, rounds=told.rounds)
            for journey in told.journey or JOURNEYS
        ]
        say("\n".join(compared_lines(engine, compared)))
        weighed = weigh(stage, seconds=max(told.seconds * 3, 1))
        say("\n".join(footprint_lines(weighed)), "\n")
    return {
        "journeys": {one.journey: one.as_json() for one in compared},
        "footprint": weighed.as_json(),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, help="one engine instead of both")
    parser.add_argument(
        "--journey", choices=JOURNEYS, action="append", help="this one; may be repeated"
    )
    parser.add_argument("--seconds", type=float, default=1.5, help="of each turn")
    parser.add_argument("--rounds", type=int, default=5, help="of three turns each")
    parser.add_argument("--subjects", type=int, default=5000, help="recorded before")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    return parser.parse_args()


if __name__ == "__main__":
    main()
