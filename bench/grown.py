"""`python -m bench.grown`: what a lookup over HTTP loses when the base has grown, in one run.

A small base of made people and a large one, each with a server of its own and all its manners,
are asked in turn by the same load generator: eight kept connections, about people drawn at
random from the whole base. `--data` names the CONSENT_DATA of a large base that was made before
(`consent bench populate`), on SQLite or where CONSENT_DATABASE_URL says: it gets a key and is
asked as any server would be. Otherwise a base of `--people` is made, on each engine.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import make_url

from bench.load import Answers, Hole, Request, ask_well
from bench.processes import cpu_seconds
from bench.stage import UNLIMITED, StartedAlone, learn, postmaster
from consent_server import db
from consent_server.app import create_app
from consent_server.bench.people import email_of
from consent_server.bench.populate import SLUG, begin, populate
from consent_server.clock import system_clock
from tests.support import databases, postgres
from tests.support.databases import Database
from tests.support.shared import RunFolder

if TYPE_CHECKING:
    from tests.support.databases import Engine

SMALL: Final = 10_000
# Of each turn, drawn anew: so many that few pages are met twice.
_DRAWN: Final = 30_000
_WARM_SECONDS: Final = 1.0


@dataclass
class Served:
    """A base with its server, and what each turn of questions took."""

    people: int
    deployment: StartedAlone
    request: Request
    database_root: int | None
    # Requests a second; microseconds of processor time, the database's too; p99 in ms.
    turns: list[tuple[float, float, float]] = field(default_factory=list)

    def ask(self, chance: random.Random, seconds: float) -> None:
        """Ask for some seconds about people drawn anew."""
        asked = Request(
            self.request.path, self.request.body, self.request.headers, self._rows(chance)
        )
        before = self._used()
        heard: Answers = ask_well(asked, self.deployment.port, seconds=seconds)
        used = (self._used() - before) / heard.count * 1e6
        self.turns.append((heard.per_second, used, heard.p99_ms))

    def _rows(self, chance: random.Random) -> list[list[str]]:
        drawn = (email_of(chance.randrange(self.people)) for _ in range(_DRAWN))
        several = [each for each in drawn if each]
        # The load generator's holes have one length; that of the first is as good as another.
        length = len(several[0])
        return [[each] for each in several if len(each) == length]

    def _used(self) -> float:
        assert self.deployment.server is not None
        own = cpu_seconds(self.deployment.server.pid)
        return own + (cpu_seconds(self.database_root) if self.database_root else 0.0)


def main() -> None:
    told = _arguments()
    run = RunFolder()
    try:
        engines: list[Engine] = [told.engine] if told.engine else list(databases.ENGINES)
        if told.data:
            engines = [_there(told.data).engine]
        for engine in engines:
            with ExitStack() as held:
                small = _made(engine, run.path, SMALL, held)
                large = (
                    _given(told.data, told.people, held)
                    if told.data
                    else _made(engine, run.path, told.people, held)
                )
                _compare(engine, small, large, told.seconds, told.rounds)
    finally:
        postgres.stop(run.path)
        run.close()


def _compare(engine: str, small: Served, large: Served, seconds: float, rounds: int) -> None:
    chance = random.Random(3)
    for each in (small, large):
        each.ask(chance, _WARM_SECONDS)
        each.turns.clear()
    for _ in range(rounds):
        for each in (small, large):
            each.ask(chance, seconds)
    for each in (small, large):
        rate, used, p99 = (median(turn[at] for turn in each.turns) for at in range(3))
        pairs = list(zip(each.turns, small.turns, strict=True))
        part = median(mine[0] / other[0] for mine, other in pairs)
        cost = median(other[1] / mine[1] for mine, other in pairs)
        print(
            f"{engine:<11}{each.people:>11,} people{rate:>8,.0f} a second{used:>6.0f} us"
            f"   p99 {p99:>5.1f} ms   {part:.0%} of {small.people:,},"
            f" by processor time {cost:.0%}",
            flush=True,
        )


def _made(engine: Engine, run: Path, people: int, held: ExitStack) -> Served:
    folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
    database = held.enter_context(databases.fresh(engine, run, folder / "data"))
    deployment = StartedAlone(database, folder / "data", **UNLIMITED)
    app = create_app(deployment.settings)
    with app.app_context():
        populate(begin(now=system_clock()), subjects=people, seed=1, now=system_clock())
        db.db.engine.dispose()
    learn(database)
    root = postmaster(run) if engine == "postgresql" else None
    return _served(deployment, people, root, held)


def _given(data: Path, people: int, held: ExitStack) -> Served:
    database = _there(data)
    deployment = StartedAlone(database, data, **UNLIMITED)
    return _served(deployment, people, _root(database), held)


def _there(data: Path) -> Database:
    url = os.environ.get("CONSENT_DATABASE_URL", f"sqlite:///{data / 'consent.db'}")
    engine: Engine = "postgresql" if url.startswith("postgresql") else "sqlite"
    return Database(engine, url, os.environ.get("CONSENT_MIGRATION_URL", url))


def _root(database: Database) -> int | None:
    """Find the first process of a PostgreSQL on this machine, by the socket it listens on."""
    asked = make_url(database.url)
    folder = asked.query.get("host", "/var/run/postgresql")
    lock = Path(str(folder)) / f".s.PGSQL.{asked.port or 5432}.lock"
    if database.engine == "sqlite" or not os.access(lock, os.R_OK):
        return None
    return int(lock.read_text().split()[0])


def _served(deployment: StartedAlone, people: int, root: int | None, held: ExitStack) -> Served:
    words = ("keys", "create", "-o", SLUG, "--name", "bench", "--scope", "lookup", "--json")
    made = deployment.run(*words)
    assert made.returncode == 0, made.stderr
    held.callback(deployment.kill)
    deployment.start_server()
    deployment.wait_until_ready()
    asked = {"subject": {"email": Hole(0)}, "purpose": "newsletter"}
    headers = {"Authorization": f"Bearer {json.loads(made.stdout)['key']}"}
    return Served(people, deployment, Request("/v1/permissions", asked, headers), root)


def _arguments() -> Any:
    parser = argparse.ArgumentParser(prog="bench.grown", description=__doc__)
    parser.add_argument("--engine", choices=databases.ENGINES)
    parser.add_argument("--data", type=Path, help="the CONSENT_DATA of a base that is there")
    parser.add_argument(
        "--people", type=int, default=100_000, help="so many are in the large one"
    )
    parser.add_argument("--seconds", type=float, default=2.0, help="of each turn")
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
