"""`python -m bench.beside`: what others wait for while lists are answered, on each engine.

A made base, our server as an operator runs it (two workers), and lookups and decisions over
eight kept connections: with nobody beside them, with one list asked again and again, and with
two at once. In turn, several times, so that noise falls on all; the ratios are of one run.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from bench.campaign import campaigns
from bench.load import Answers, Hole, Request, ask_well
from bench.stage import UNLIMITED, StartedAlone, choice, learn
from consent_server import db
from consent_server.app import create_app
from consent_server.bench.people import email_of
from consent_server.bench.populate import begin, populate
from consent_server.clock import system_clock
from consent_server.permissions.bulk.briefs import follow, reached
from tests.crash.wire import half_a_list
from tests.support import databases, postgres
from tests.support.clock import HandClock
from tests.support.house import house_of
from tests.support.shared import RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.databases import Engine

BESIDE: Final = (0, 1, 2)
_ORIGIN: Final = "https://bench.example"


@dataclass(frozen=True)
class Compared:
    """One journey on one engine: what was heard, by how many lists ran beside it."""

    engine: Engine
    journey: str
    heard: dict[int, list[Answers]]

    def p99(self, beside: int) -> float:
        return median(each.p99_ms for each in self.heard[beside])

    def ratio(self, beside: int) -> float:
        """Compare the p99 with that of nobody beside it, round by round."""
        pairs = zip(self.heard[beside], self.heard[0], strict=True)
        return median(one.p99_ms / alone.p99_ms for one, alone in pairs)

    def per_second(self, beside: int) -> float:
        return median(each.per_second for each in self.heard[beside])

    def rows(self) -> Iterator[str]:
        for beside in BESIDE:
            most = max(each.most_ms for each in self.heard[beside])
            ratio = f"{self.ratio(beside):.1f} times" if beside else ""
            yield (
                f"{self.engine:<11}{self.journey:<13}{beside} lists"
                f"{self.per_second(beside):>8.0f}/s  p50"
                f"{median(each.p50_ms for each in self.heard[beside]):>6.1f} ms  p99"
                f"{self.p99(beside):>7.1f} ms {ratio:<11} most{most:>7.0f} ms"
            )


def main() -> None:
    told = _arguments()
    run = RunFolder()
    try:
        for engine in [told.engine] if told.engine else databases.ENGINES:
            for compared in _measure(engine, run.path, told):
                print("\n".join(compared.rows()), flush=True)
    finally:
        postgres.stop(run.path)
        run.close()


def _measure(engine: Engine, run: Path, told: Any) -> Iterator[Compared]:
    with (
        tempfile.TemporaryDirectory() as folder,
        databases.fresh(engine, run, Path(folder) / "data") as database,
    ):
        deployment = StartedAlone(database, Path(folder) / "data", **UNLIMITED)
        requests, key = _populated(deployment, told.subjects)
        learn(database)
        question = Path(folder) / "question.csv"
        question.write_bytes(_question(told.subjects, told.lines))
        with deployment:
            print(_first(engine, deployment, key), flush=True)
            for journey, request in requests.items():
                yield Compared(
                    engine, journey, _heard(request, deployment, key, question, told)
                )


def _first(engine: Engine, deployment: StartedAlone, key: str) -> str:
    """Tell how long who reads while writing waits for a first answer, by many lists."""
    waited = []
    for _ in range(20):
        begun = time.perf_counter()
        with closing(half_a_list(deployment.port, {"Authorization": f"Bearer {key}"})) as one:
            answer = one.getresponse()
            answer.readline()
            answer.readline()
            waited.append((time.perf_counter() - begun) * 1000)
    return (
        f"{engine:<11}first answer of a list that is still being sent:"
        f" p50 {median(waited):.0f} ms, most {max(waited):.0f} ms"
    )


def _heard(
    request: Request, deployment: StartedAlone, key: str, question: Path, told: Any
) -> dict[int, list[Answers]]:
    ask_well(request, deployment.port, seconds=1)
    heard: dict[int, list[Answers]] = {each: [] for each in BESIDE}
    for _ in range(told.rounds):
        for beside in BESIDE:
            with campaigns(beside, deployment.port, key, question):
                heard[beside].append(ask_well(request, deployment.port, seconds=told.seconds))
    return heard


def _populated(deployment: StartedAlone, subjects: int) -> tuple[dict[str, Request], str]:
    app = create_app(deployment.settings)
    with app.app_context():
        organisation = begin(now=system_clock())
        populate(organisation, subjects=subjects, seed=1, now=system_clock())
        with db.write(organisation) as tx:
            reached.want(tx, organisation)
        follow.follow_to_the_end(organisation)
        house = house_of(app, HandClock(system_clock()), organisation)
        db.db.engine.dispose()
    addresses = [email_of(number) for number in range(subjects)]
    longest = max(map(len, addresses))
    # All of one length, as the load generator wants them.
    rows = [[each] for each in addresses if len(each) == longest - 2]
    asked = {"subject": {"email": Hole(0)}, "purpose": "newsletter"}
    return {
        "lookups": Request("/v1/permissions", asked, house.headers, rows),
        "decisions": choice(house, Hole(), "accept_all", origin=_ORIGIN),
    }, house.key


def _question(subjects: int, lines: int) -> bytes:
    chance = random.Random(7)
    names = [email_of(chance.randrange(subjects)) for _ in range(lines)]
    return "\n".join(["email", *names, ""]).encode()


def _arguments() -> Any:
    parser = argparse.ArgumentParser(prog="bench.beside", description=__doc__)
    parser.add_argument("--engine", choices=databases.ENGINES)
    parser.add_argument("--subjects", type=int, default=30_000)
    parser.add_argument("--lines", type=int, default=200_000, help="of each list")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each turn")
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
