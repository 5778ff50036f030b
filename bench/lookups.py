"""`python -m bench.lookups`: what a lookup costs as the base grows, on each engine, in one run.

Bases of made people are asked about in turn, a thousand people drawn anew each time: in this
process, from the identifier to the answer, without HTTP, so that nothing hides the database.
`--data` names the CONSENT_DATA of a base that was made before on SQLite (`consent bench
populate`); it is only read, and may be growing meanwhile.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event

from bench.imports import database_seconds
from bench.stage import learn
from consent_server import db, organisations
from consent_server.app import create_app
from consent_server.bench.people import email_of
from consent_server.bench.populate import SLUG, begin, populate
from consent_server.clock import system_clock
from consent_server.config import Settings
from consent_server.keyring import Keyring
from consent_server.organisations import keys_of
from consent_server.permissions.lookup import Question, answer
from tests.support import databases, postgres
from tests.support.shared import RunFolder

if TYPE_CHECKING:
    from flask import Flask

    from tests.support.databases import Engine

SIZES: Final = (10_000, 100_000)
_AT_ONCE: Final = 1000


@dataclass
class Base:
    """A base of people, and what lookups in it took, by round."""

    engine: Engine
    subjects: int
    app: Flask
    organisation: int
    # Microseconds: ours, the database's, the wall.
    took: list[tuple[float, float, float]] = field(default_factory=list)

    def ask(self, chance: random.Random) -> None:
        """Ask about some of them, drawn anew."""
        names = [email_of(chance.randrange(self.subjects)) for _ in range(_AT_ONCE)]
        question = [Question(purpose="newsletter")]
        with self.app.app_context():
            keys, now = keys_of(self.organisation), system_clock()
            begun = _moment(self.engine)
            for each in names:
                answer(keys, "email", each, question, region="FR", now=now)
            ended = _moment(self.engine)
        own, others, wall = (
            (late - early) / _AT_ONCE * 1e6 for early, late in zip(begun, ended, strict=True)
        )
        self.took.append((own, others, wall))

    def cost(self, at: int) -> float:
        """Give the processor time of the round `at`: ours and the database's."""
        return self.took[at][0] + self.took[at][1]


def main() -> None:
    told = _arguments()
    run = RunFolder()
    try:
        with ExitStack() as held:
            for engine in [told.engine] if told.engine else databases.ENGINES:
                bases = [_made(engine, run.path, each, held) for each in told.subjects or SIZES]
                if engine == "sqlite" and told.data:
                    bases.append(_given(told.data, told.people, held))
                _compare(bases, told.rounds)
    finally:
        postgres.stop(run.path)
        run.close()


def _compare(bases: list[Base], rounds: int) -> None:
    chance = random.Random(3)
    # The first round warms what a server has warm.
    for _ in range(rounds + 1):
        for each in bases:
            each.ask(chance)
    first = bases[0]
    for each in bases:
        own, others, wall = (median(one[at] for one in each.took[1:]) for at in range(3))
        part = median(first.cost(at) / each.cost(at) for at in range(1, rounds + 1))
        print(
            f"{each.engine:<11}{each.subjects:>10,} people{own:>7.0f} us ours{others:>6.0f} us"
            f" the database's{wall:>7.0f} us of the wall   {part:.0%} of {first.subjects:,}",
            flush=True,
        )


def _made(engine: Engine, run: Path, subjects: int, held: ExitStack) -> Base:
    folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
    database = held.enter_context(databases.fresh(engine, run, folder / "data"))
    settings = database.settings(folder / "data", CONSENT_LOG_LEVEL="ERROR")
    Keyring.create(settings.keys)
    app = create_app(settings)
    with app.app_context():
        organisation = begin(now=system_clock())
        populate(organisation, subjects=subjects, seed=1, now=system_clock())
        held.callback(_dispose, app)
    learn(database)
    return Base(engine, subjects, app, organisation)


def _given(data: Path, people: int, held: ExitStack) -> Base:
    own = Path(held.enter_context(tempfile.TemporaryDirectory())) / "data"
    shutil.copytree(data / "keys", own / "keys")
    settings = Settings.from_environment(
        {
            "CONSENT_DATA": str(own),
            "CONSENT_DATABASE_URL": f"sqlite:///{data / 'consent.db'}",
            "CONSENT_LOG_LEVEL": "ERROR",
        }
    )
    app = create_app(settings)
    with app.app_context():
        event.listen(db.db.engine, "connect", _only_read)
        held.callback(_dispose, app)
        with db.read() as tx:
            organisation = organisations.find(tx, SLUG)
    assert organisation is not None
    return Base("sqlite", people, app, organisation)


def _only_read(raw: Any, _record: object) -> None:
    raw.execute("PRAGMA query_only=ON")


def _dispose(app: Flask) -> None:
    with app.app_context():
        db.db.engine.dispose()


def _moment(engine: Engine) -> tuple[float, float, float]:
    others = database_seconds(engine) if engine == "postgresql" else 0.0
    return time.process_time(), others, time.perf_counter()


def _arguments() -> Any:
    parser = argparse.ArgumentParser(prog="bench.lookups", description=__doc__)
    parser.add_argument("--engine", choices=databases.ENGINES)
    parser.add_argument("--subjects", type=int, action="append", help="may be repeated")
    parser.add_argument("--data", type=Path, help="the CONSENT_DATA of a base on SQLite")
    parser.add_argument("--people", type=int, default=10_000_000, help="so many are in it")
    parser.add_argument("--rounds", type=int, default=9)
    return parser.parse_args()


if __name__ == "__main__":
    main()
