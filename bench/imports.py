"""`python -m bench.imports`: how many rows a second an import carries over, on each engine.

Processor time of this process stands beside the rate: the rest is the database's.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from consent_server import db
from consent_server.app import create_app
from consent_server.clock import system_clock
from consent_server.imports import begin, jobs
from consent_server.imports.job import NewJob
from consent_server.imports.run import Runner
from consent_server.keyring import Keyring
from consent_server.organisations import keys_of
from tests.support import databases, postgres
from tests.support.house import make_house
from tests.support.shared import RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.databases import Engine


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.imports", description=__doc__)
    parser.add_argument("--engine", choices=databases.ENGINES)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--profile", action="store_true")
    told = parser.parse_args()
    run = RunFolder()
    try:
        for engine in [told.engine] if told.engine else databases.ENGINES:
            _measure(engine, run.path, told.rows, profile=told.profile)
    finally:
        postgres.stop(run.path)
        run.close()


def _measure(engine: Engine, run: Path, rows: int, *, profile: bool) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        databases.fresh(engine, run, Path(folder) / "data") as database,
    ):
        settings = database.settings(Path(folder) / "data", CONSENT_LOG_LEVEL="ERROR")
        Keyring.create(settings.keys)
        app = create_app(settings)
        with app.app_context():
            house = make_house(app, system_clock)  # type: ignore[arg-type] # any clock will do
            for what, text in (
                ("people who are new", _text(rows, "granted", house.form)),
                ("the same file again", _text(rows, "granted", house.form)),
                ("noes of the same people", _text(rows, "refused", house.form)),
            ):
                _time(engine, what, house.organisation, text, profile=profile)
            db.db.engine.dispose()


def database_seconds(engine: Engine, database: str = "") -> float:
    """Tell the processor time of the database's own processes; SQLite's is ours.

    `database`: its name, if it is none that this bench has made.
    """
    if engine == "sqlite":
        return 0.0
    named = [each for each in Path("/proc").iterdir() if each.name.isdecimal()]
    # A machine may run several: only those that name the database count.
    wanted = f" {database} " if database else f"test_{os.getpid()}_"
    return sum(_seconds(each) for each in named if _is_postgres(each, wanted))


def _is_postgres(process: Path, wanted: str) -> bool:
    try:
        words = (process / "cmdline").read_bytes()
    except OSError:
        return False
    return words.startswith(b"postgres") and wanted.encode() in words


def _seconds(process: Path) -> float:
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _text(rows: int, answer: str, form: str) -> Iterator[bytes]:
    yield b"email,purpose,answer,decided_at,notice_version\n"
    for number in range(rows):
        line = f"someone.{number}@people{number % 50}.example,newsletter,{answer}"
        # Each in a second of her own, over some months.
        days, rest = divmod(number * 617 % 10_000_000, 86_400)
        day = date(2026, 3, 1) + timedelta(days=days)
        time = f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
        yield f"{line},{day}T{time}Z,{form}\n".encode()


def _time(
    engine: Engine, what: str, organisation: int, text: Iterator[bytes], *, profile: bool
) -> None:
    job, total, asked = begin.keep(
        organisation,
        text,
        {"defaults": {"source": "bench"}},
        form="csv",
        charset=None,
        most=1 << 40,
    )
    with db.write(organisation) as tx:
        wanted = NewJob(id=job, asked=asked, total=total, dry=False, actor="bench", held=True)
        made = jobs.create(tx, keys_of(organisation, tx), wanted, now=system_clock())
    watch = cProfile.Profile()
    others = database_seconds(engine)
    begun, own = time.perf_counter(), time.process_time()
    if profile:
        watch.enable()
    done = Runner(made).run()
    watch.disable()
    seconds, own = time.perf_counter() - begun, time.process_time() - own
    count, others = done.counts["rows"], database_seconds(engine) - others
    print(
        f"{engine:<11} {what:<24} {count / seconds:8,.0f} rows/s   processor time of a row:"
        f" {own / count * 1e6:4.0f} us ours, {others / count * 1e6:4.0f} us the database's"
    )
    if profile:
        pstats.Stats(watch).sort_stats("tottime").print_stats(45)


if __name__ == "__main__":
    main()
