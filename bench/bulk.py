"""`python -m bench.bulk`: what a line of a long list costs, as the base grows, on each engine.

Made people, a list of their addresses in random order, asked as a worker of the server asks it,
of a process of its own: CSV in, CSV out, spooled, hashed and cleared. Once as the briefs answer
it, once (of fewer lines) from the facts alone. Beside it the least that somebody could do
instead: two bare files joined by a set in Python. Processor time of all processes of the list,
and of the database's beside them; the wall's, and lines a second, say something on a machine
that does nothing else.

`--data DIR` asks of a deployment that is there already, filled by `consent bench populate` and
migrated: what is in CONSENT_DATA, and CONSENT_DATABASE_URL if that is PostgreSQL. `--keep FILE`
keeps the figures of a run, and `--add FILE` puts those of another beside this one's, so that a
plot reaches from a base that is made in a minute to one that takes an hour.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import os
import random
import tempfile
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from bench.imports import database_seconds
from bench.plot import Line, plot
from bench.processes import cpu_seconds_of, is_called, proportional_bytes_of, tree
from bench.stage import learn
from consent_server import db, ledger, organisations
from consent_server.app import create_app
from consent_server.bench.people import email_of
from consent_server.bench.populate import SLUG, begin, populate
from consent_server.clock import system_clock
from consent_server.config import Settings
from consent_server.ids import new_id
from consent_server.keyring import Keyring
from consent_server.organisations import keys_of
from consent_server.permissions.bulk import host
from consent_server.permissions.bulk.briefs import follow, reached
from consent_server.permissions.bulk.elsewhere import run_of
from consent_server.permissions.bulk.order import Deployment, Order
from consent_server.web import current
from tests.support import databases, postgres
from tests.support.shared import RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.databases import Database, Engine

SIZES = (10_000, 30_000, 100_000)
BLOCK = 256 * 1024
_PEOPLE = db.Sql("SELECT COUNT(*) FROM subject WHERE organisation_id = :organisation")
PLOT = Path(__file__).parents[1] / "docs" / "bulk.svg"


@dataclass(frozen=True)
class Figure:
    """One list, asked once; microseconds are of processor time, for each line."""

    engine: str
    subjects: int
    what: str
    lines: int
    ours: float
    databases: float
    # Of the wall: all of it, and until the first answers came.
    seconds: float
    first_ms: float
    # The most that the list's processes held, what they share counted once.
    memory_mb: float


def main() -> None:
    told = _arguments()
    found = [
        Figure(**each) for file in told.add for each in json.loads(file.read_text("utf-8"))
    ]
    if told.data is not None:
        for each in _there(told.data, told.lines):
            found.append(each)
            print(_row(each), flush=True)
        _say(told, found)
        return
    run = RunFolder()
    try:
        for subjects in told.subjects or SIZES:
            for engine in [told.engine] if told.engine else databases.ENGINES:
                for each in _measure(engine, run.path, subjects, told.lines):
                    found.append(each)
                    print(_row(each), flush=True)
            found.append(_bare(subjects, told.lines))
            print(_row(found[-1]), flush=True)
    finally:
        postgres.stop(run.path)
        run.close()
    _say(told, found)


def _say(told: Any, found: list[Figure]) -> None:
    text = json.dumps([asdict(each) for each in found], indent=2)
    if told.json:
        print(text)
    if told.keep:
        told.keep.write_text(text, "utf-8")
    if told.plot:
        _draw(found, told.plot)


def _measure(engine: Engine, run: Path, subjects: int, lines: int) -> Iterator[Figure]:
    with (
        tempfile.TemporaryDirectory() as folder,
        databases.fresh(engine, run, Path(folder) / "data") as database,
    ):
        settings = database.settings(Path(folder) / "data", CONSENT_LOG_LEVEL="ERROR")
        Keyring.create(settings.keys)
        with _deployment(settings):
            yield from _asked(engine, database, subjects, lines)


def _there(data: Path, lines: int) -> Iterator[Figure]:
    """Ask of a deployment that is filled already, making its briefs if it has none."""
    os.environ["CONSENT_DATA"] = str(data)
    os.environ.setdefault("CONSENT_LOG_LEVEL", "ERROR")
    with _deployment(Settings.from_environment()):
        with db.read() as tx:
            organisation = organisations.find(tx, SLUG)
        if organisation is None:
            raise SystemExit(f"nothing was populated in {data}")
        with db.read(organisation) as tx:
            ((subjects,),) = tx.run(_PEOPLE, {"organisation": organisation})
        known = db.db.engine
        watch = _Watch(known.dialect.name, subjects, known.url.database or "")
        yield from _briefs(watch, organisation)
        yield from _lists(watch, organisation, lines)


@contextmanager
def _deployment(settings: Settings) -> Iterator[None]:
    """Be what the server's master is to the processes of lists."""
    app = create_app(settings)
    host.begin(app)
    with app.app_context():
        yield
        db.db.engine.dispose()


def _asked(engine: Engine, database: Database, subjects: int, lines: int) -> Iterator[Figure]:
    organisation, now = begin(now=system_clock()), system_clock()
    watch = _Watch(engine, subjects)
    populate(organisation, subjects=subjects, seed=1, now=now)
    yield watch.figure("populated", subjects)
    learn(database)
    fewer = max(lines // 10, 1)
    yield from _list(watch, organisation, "from the facts", fewer, hashed=False)
    yield from _briefs(watch, organisation)
    learn(database)
    yield from _lists(watch, organisation, lines)


def _briefs(watch: _Watch, organisation: int) -> Iterator[Figure]:
    with db.write(organisation) as tx:
        reached.want(tx, organisation)
    watch.begin()
    steps = 0
    with tqdm(disable=None, unit=" steps") as bar:
        while follow.follow(organisation):
            steps += 1
            bar.update()
    if steps:
        yield watch.figure("briefs made", watch.subjects)


def _lists(watch: _Watch, organisation: int, lines: int) -> Iterator[Figure]:
    yield from _list(watch, organisation, "e-mails", lines, hashed=False)
    yield from _list(watch, organisation, "SHA-256", lines, hashed=True)


def _list(
    watch: _Watch, organisation: int, what: str, lines: int, *, hashed: bool
) -> Iterator[Figure]:
    here = Deployment(
        data=current.settings().data,
        clock=system_clock,
        keys=keys_of(organisation),
        signer=ledger.LogSigner.of(current.settings(), current.keyring()),
        actor="bench",
    )
    # The host is forked from this process, and a connection is never had by two.
    db.db.engine.dispose()
    run = run_of(Order(purpose="newsletter"), here, new_id())
    with tempfile.TemporaryFile() as question:
        # Not held in memory: what is measured is the list's.
        question.writelines(_question(watch.subjects, lines, hashed=hashed))
        question.seek(0)
        # As a server does before it forks.
        gc.collect()
        gc.freeze()
        watch.begin()
        run.take(iter(partial(question.read, BLOCK), b""))
        blocks = run.answer()
        next(blocks), next(blocks)
        first = watch.seconds()
        for block in blocks:
            # What ends the answer: the processes of the list are still there.
            if not block:
                break
            watch.weigh()
        figure = watch.figure(what, lines, first)
        for _ in blocks:
            pass
        yield figure
    run.close()
    _until_alone()


def _until_alone() -> None:
    """Wait for the processes of a list to end; hosts of lists stay, one for each deployment."""
    while any(len(tree(each)) > 1 for each in _processes()[1:]):
        time.sleep(0.01)


def _processes() -> list[int]:
    return [each for each in tree(os.getpid()) if not is_called(each, "postgres")]


def _question(subjects: int, lines: int, *, hashed: bool) -> Iterator[bytes]:
    chance = random.Random(7)
    yield b"sha256_email,name\n" if hashed else b"email,name\n"
    for _ in range(lines):
        name = email_of(chance.randrange(subjects)).encode()
        yield (hashlib.sha256(name).hexdigest().encode() if hashed else name) + b",x\n"


def _bare(subjects: int, lines: int) -> Figure:
    """Join two bare files: those who may not be asked, and the list."""
    denied = "\n".join(email_of(number) for number in range(0, subjects, 3)).encode()
    question = b"".join(_question(subjects, lines, hashed=False))
    watch = _Watch("none", subjects)
    watch.begin()
    known = frozenset(denied.split(b"\n"))
    for line in question.split(b"\n"):
        _ = line + (b",false" if line.split(b",", 1)[0] in known else b",true")
    return watch.figure("two bare files", lines)


class _Watch:
    def __init__(self, engine: str, subjects: int, database: str = "") -> None:
        self.engine, self.subjects, self._named = engine, subjects, database
        self.begin()

    def begin(self) -> None:
        self._wall, self._own = time.perf_counter(), self._ours()
        self._others, self._most, self._weighed = self._database(), 0, 0

    def seconds(self) -> float:
        return time.perf_counter() - self._wall

    def figure(self, what: str, lines: int, first: float = 0.0) -> Figure:
        own = (self._ours() - self._own) / lines * 1e6
        others = (self._database() - self._others) / lines * 1e6
        memory = self._most / 1024 / 1024
        return Figure(
            self.engine,
            self.subjects,
            what,
            lines,
            own,
            others,
            self.seconds(),
            first * 1e3,
            memory,
        )

    def weigh(self) -> None:
        """Weigh the processes of a list, now and then: it takes a while."""
        self._weighed += 1
        if self._weighed % 8 == 1:
            begun = time.process_time()
            # Those of the list: the others are their hosts.
            several = {one for each in _processes()[1:] for one in tree(each)[1:]}
            self._most = max(self._most, sum(map(proportional_bytes_of, several)))
            # Which is no part of what is measured.
            self._own += time.process_time() - begun

    def _ours(self) -> float:
        return time.process_time() + sum(map(cpu_seconds_of, _processes()[1:]))

    def _database(self) -> float:
        if self.engine != "postgresql":
            return 0.0
        return database_seconds("postgresql", self._named)


def _row(each: Figure) -> str:
    return (
        f"{each.engine:<11}{each.subjects:>10,} people  {each.what:<16}{each.lines:>10,} lines"
        f"{each.ours:>8.1f} us ours{each.databases:>8.1f} us the database's"
        f"{each.seconds:>9.2f} s{each.lines / each.seconds:>11,.0f} a second"
        f"{each.first_ms:>6.0f} ms to the first{each.memory_mb:>6.0f} MB"
    )


def _draw(found: list[Figure], path: Path) -> None:
    wanted = ("e-mails", "SHA-256", "from the facts")
    lines: list[Line] = []
    for engine in databases.ENGINES:
        for what in wanted:
            several = [one for one in found if (one.engine, one.what) == (engine, what)]
            points = [(one.subjects, one.ours + one.databases) for one in several]
            if points:
                lines.append(Line(f"{engine}, {what}", points))
    bare = [(one.subjects, one.ours) for one in found if one.engine == "none"]
    path.write_text(plot([*lines, Line("two bare files", bare)]), "utf-8")


def _arguments() -> Any:
    parser = argparse.ArgumentParser(prog="bench.bulk", description=__doc__)
    parser.add_argument("--engine", choices=databases.ENGINES)
    parser.add_argument("--subjects", type=int, action="append", help="may be repeated")
    parser.add_argument("--data", type=Path, help="ask of what is there, instead")
    parser.add_argument("--lines", type=int, default=200_000, help="of each list")
    parser.add_argument("--json", action="store_true", help="the figures once more, as JSON")
    parser.add_argument("--keep", type=Path, help="the figures, as JSON, into a file")
    parser.add_argument(
        "--add", type=Path, action="append", default=[], help="figures that were kept"
    )
    parser.add_argument("--plot", type=Path, nargs="?", const=PLOT, help="draw them: an SVG")
    return parser.parse_args()


if __name__ == "__main__":
    main()
