"""`python -m bench.weight`: bytes on disk of a person and of a decision, on each engine.

People who answer three purposes on a form, visitors who choose, and the same visitors again:
recorded through the server's own doors, given their place in the log, and weighed. Tables with
all their indexes, and the files of the log beside the database.
"""

from __future__ import annotations

import argparse
import secrets
import sqlite3
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import create_engine, text

from bench.stage import UNLIMITED, learn
from consent_server import db
from consent_server.app import create_app
from consent_server.clock import system_clock
from consent_server.keyring import Keyring
from tests.support import databases, postgres
from tests.support.clock import HandClock
from tests.support.house import make_house
from tests.support.shared import RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.support.databases import Database, Engine
    from tests.support.house import House

THREE: Final = ("newsletter", "prospecting.email", "prospecting.phone")
# What is asked of the standing rows of three purposes.
STANDING_BYTES: Final = 400
_FILES: Final = ("ledger", "journal")
_PARTS: Final = {
    "decision": "decision",
    "standing": "standing",
    "standing_end": "standing",
    "subject": "person",
    "identifier": "person",
    "crossed_hash": "person",
    "files": "log files",
}


def main() -> None:
    told = _arguments()
    run = RunFolder()
    try:
        for engine in [told.engine] if told.engine else databases.ENGINES:
            for row in _measure(engine, run.path, told.people):
                print(row, flush=True)
    finally:
        postgres.stop(run.path)
        run.close()


def _measure(engine: Engine, run: Path, people: int) -> Iterator[str]:
    with (
        tempfile.TemporaryDirectory() as folder,
        databases.fresh(engine, run, Path(folder) / "data") as database,
    ):
        data = Path(folder) / "data"
        settings = database.settings(data, CONSENT_LOG_LEVEL="ERROR", **UNLIMITED)
        Keyring.create(settings.keys)
        clock = HandClock(system_clock())
        app = create_app(settings, clock=clock)
        with app.app_context():
            house = make_house(app, clock)
            before = _weighed(database, data)
            for what, acts in _acts(house, people):
                for act in acts:
                    assert act.status_code == 201, act.get_data(as_text=True)
                house.integrate()
                after = _weighed(database, data)
                yield _row(engine, what, {k: after[k] - before[k] for k in after}, people)
                before = after
            db.db.engine.dispose()


def _acts(house: House, people: int) -> Iterator[tuple[str, Iterator[Any]]]:
    visitors = [secrets.token_urlsafe(16) for _ in range(people)]
    answers = dict.fromkeys(THREE, "granted")
    yield (
        "a person, three purposes",
        (
            house.tell({"email": f"reader{number:07d}@example.org"}, choices=answers)
            for number in _one_by_one(house, range(people))
        ),
    )
    chosen = [house.choice("accept_all", visitor=each) for each in visitors]
    yield "a new visitor's choice", map(house.choose, _one_by_one(house, chosen))
    house.clock.advance(days=1)
    again = [
        house.choice("refuse_all", visitor=each["visitor"], previous=each["id"])
        for each in chosen
    ]
    yield "the same visitor's next", map(house.choose, _one_by_one(house, again))


def _one_by_one(house: House, several: Iterable[Any]) -> Iterator[Any]:
    # At one moment they would fill no index as they do in life.
    for each in several:
        house.clock.advance(seconds=1)
        yield each


def _row(engine: str, what: str, grown: dict[str, int], people: int) -> str:
    parts: Counter[str] = Counter()
    for table, size in grown.items():
        parts[_PARTS.get(table, "ledger" if table.startswith("ledger") else "else")] += size
    told = ", ".join(
        f"{part} {size / people:.0f}" for part, size in parts.most_common() if size
    )
    return f"{engine:<11}{what:<26}{parts.total() / people:>6.0f} bytes: {told}"


def _weighed(database: Database, data: Path) -> Counter[str]:
    learn(database)
    found = _postgresql(database) if database.engine == "postgresql" else _sqlite(data)
    for name in _FILES:
        files = [each for each in (data / name).rglob("*") if each.is_file()]
        found["files"] += sum(each.stat().st_size for each in files)
    return found


def _postgresql(database: Database) -> Counter[str]:
    engine = create_engine(database.migration_url)
    sizes = text(
        "SELECT relname, pg_total_relation_size(oid) FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    with engine.connect() as connection:
        found = Counter({name: int(size) for name, size in connection.execute(sizes)})
    engine.dispose()
    return found


def _sqlite(data: Path) -> Counter[str]:
    db.empty_log()
    # The standard library's SQLite: it knows what each tree takes, and only reads here.
    raw = sqlite3.connect(f"file:{data / 'consent.db'}?mode=ro", uri=True)
    rows = raw.execute(
        "SELECT m.tbl_name, SUM(d.pgsize) FROM dbstat d"
        " JOIN sqlite_schema m ON m.name = d.name GROUP BY m.tbl_name"
    ).fetchall()
    raw.close()
    return Counter({name: int(size) for name, size in rows})


def _arguments() -> Any:
    parser = argparse.ArgumentParser(prog="bench.weight", description=__doc__)
    parser.add_argument("--engine", choices=databases.ENGINES)
    parser.add_argument("--people", type=int, default=5_000)
    return parser.parse_args()


if __name__ == "__main__":
    main()
