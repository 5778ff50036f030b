"""`python -m bench.events`: how fast the feed is read, a receiver told of it, on each engine.

A made base of people and its real server and worker. The feed is read over HTTP from its
beginning to its end, a page of a thousand at a time, each parsed as a follower would, as often
as it takes to make a million. Then one receiver on this machine is told of every event. Beside
the clock stands the processor time of those who did the work: it means more on a busy machine.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.processes import cpu_seconds
from bench.stage import UNLIMITED, StartedAlone, learn, postmaster
from consent_server import db
from consent_server.app import create_app
from consent_server.bench.populate import SLUG, begin, populate
from consent_server.clock import system_clock
from tests.support import databases, postgres
from tests.support.clock import HandClock
from tests.support.house import house_of
from tests.support.receiver import Receiver
from tests.support.shared import RunFolder

if TYPE_CHECKING:
    from tests.support.databases import Engine

MILLION: Final = 1_000_000
_PAGE: Final = 1000
_PATIENCE: Final = 600.0


def main() -> None:
    told = _arguments()
    run = RunFolder()
    try:
        for engine in [told.engine] if told.engine else databases.ENGINES:
            _measure(engine, run.path, told)
    finally:
        postgres.stop(run.path)
        run.close()


def _measure(engine: Engine, run: Path, told: Any) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        databases.fresh(engine, run, Path(folder) / "data") as database,
        Receiver() as receiver,
    ):
        more = {**UNLIMITED, "CONSENT_CALLABLE": receiver.pair}
        deployment = StartedAlone(database, Path(folder) / "data", **more)
        key = _populated(deployment, told.subjects)
        learn(database)
        with deployment:
            root = postmaster(run) if engine == "postgresql" else None
            print(_feed(engine, deployment, key, root, told.events), flush=True)
            print(_webhooks(engine, deployment, receiver, root), flush=True)


def _populated(deployment: StartedAlone, subjects: int) -> str:
    app = create_app(deployment.settings)
    with app.app_context():
        organisation = begin(now=system_clock())
        populate(organisation, subjects=subjects, seed=1, now=system_clock())
        house = house_of(app, HandClock(system_clock()), organisation)
        db.db.engine.dispose()
    return house.key


def _feed(
    engine: Engine, deployment: StartedAlone, key: str, root: int | None, events: int
) -> str:
    assert deployment.server is not None
    watch = _Watch(deployment.server.pid, root)
    connection = HTTPConnection("127.0.0.1", deployment.port)
    read, after = 0, 0
    while read < events:
        path = f"/v1/events?after={after}&limit={_PAGE}"
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
        page = json.loads(connection.getresponse().read())
        read += len(page["events"])
        # From the beginning again, once it ends.
        after = page["next"] if page["events"] else 0
    connection.close()
    watch.look()
    return watch.row(engine, "feed", read, f"{MILLION / read * watch.wall:.0f} s a million")


def _webhooks(
    engine: Engine, deployment: StartedAlone, receiver: Receiver, root: int | None
) -> str:
    words = ("webhooks", "add", receiver.url, "--organisation", SLUG, "--json")
    added = deployment.run(*words)
    assert added.returncode == 0, added.stderr
    number = json.loads(added.stdout)["id"]
    assert deployment.worker is not None
    watch = _Watch(deployment.worker.pid, root)
    done = deployment.run("webhooks", "replay", number, "--after", "0", "--organisation", SLUG)
    assert done.returncode == 0, done.stderr
    most, until = 0, time.monotonic() + _PATIENCE
    # Told of all once nothing more has come for a while.
    last = time.perf_counter()
    while time.perf_counter() - last < 3 and time.monotonic() < until:
        time.sleep(0.05)
        if len(receiver.got) > most:
            most, last = len(receiver.got), time.perf_counter()
            watch.look()
    rate = most / watch.wall * 60
    return watch.row(engine, "webhooks", most, f"{rate:,.0f} a minute to one receiver")


class _Watch:
    def __init__(self, process: int, database: int | None) -> None:
        self._process, self._database = process, database
        self._begun, self._own, self._others = time.perf_counter(), *self._used()
        self.wall = self.own = self.others = 0.0

    def look(self) -> None:
        own, others = self._used()
        self.wall = time.perf_counter() - self._begun
        self.own, self.others = own - self._own, others - self._others

    def row(self, engine: str, what: str, events: int, said: str = "") -> str:
        return (
            f"{engine:<11}{what:<10}{events:>10,} events{self.own / events * 1e6:>8.0f} us ours"
            f"{self.others / events * 1e6:>8.0f} us the database's   {said}"
        )

    def _used(self) -> tuple[float, float]:
        others = cpu_seconds(self._database) if self._database else 0.0
        return cpu_seconds(self._process), others


def _arguments() -> Any:
    parser = argparse.ArgumentParser(prog="bench.events", description=__doc__)
    parser.add_argument("--engine", choices=databases.ENGINES)
    parser.add_argument("--subjects", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=MILLION, help="of the feed")
    return parser.parse_args()


if __name__ == "__main__":
    main()
