"""The stage: a database with people in it, our server, and the bare one beside it."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import create_engine

from bench.load import NOW, Hole, Request, ask
from bench.statements import Pool, Replay, Step, taken_down
from consent_server.app import create_app
from consent_server.clock import rfc3339, system_clock
from consent_server.db import Sql, db, read
from tests.support import databases, postgres
from tests.support.clock import HandClock
from tests.support.house import ORIGIN, House, make_house
from tests.support.server import Deployment, free_port
from tests.support.shared import RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

    from tests.support.databases import Database, Engine

JOURNEYS: Final = ("lookup", "new visitor", "returning visitor")
UNLIMITED: Final = {
    f"CONSENT_LIMIT_{name}": "999999999/minute" for name in ("DECISIONS", "LOOKUPS", "WRITES")
}
_PEOPLE: Final = Sql(
    """
    SELECT i.hash, i.kind, i.id, i.subject_id, s.person_id, d.id, d.client_id FROM identifier i
    JOIN subject s ON s.organisation_id = i.organisation_id AND s.id = i.subject_id
    JOIN decision d ON d.organisation_id = s.organisation_id AND d.subject_id = s.id
    WHERE i.organisation_id = :organisation
    """
)


class StartedAlone(Deployment):
    """Started as an operator does: its start and its memory are its own."""

    forked = False


@dataclass(frozen=True)
class Stage:
    """Everything that is measured, running."""

    engine: Engine
    deployment: Deployment
    house: House
    requests: dict[str, Request]
    bare_port: int
    bare_root: int
    database_root: int | None

    @property
    def port(self) -> int:
        return self.deployment.port

    @property
    def root(self) -> int:
        """The process whose tree is our server."""
        assert self.deployment.server is not None
        return self.deployment.server.pid


@contextmanager
def staged(engine: Engine, subjects: int) -> Iterator[Stage]:
    """Build all of it in a temporary folder, and leave nothing behind."""
    run = RunFolder()
    try:
        with databases.fresh(engine, run.path, run.path / "data") as database:
            yield from _staged(engine, database, run.path, subjects)
    finally:
        postgres.stop(run.path)
        run.close()


def _staged(engine: Engine, database: Database, run: Path, subjects: int) -> Iterator[Stage]:
    deployment = StartedAlone(database, run / "data", **UNLIMITED)
    app = create_app(replace(deployment.settings, log_level="ERROR"))
    with app.app_context():
        house = make_house(app, HandClock(system_clock()))
    requests = _requests(house, subjects)
    try:
        deployment.start_server()
        deployment.wait_until_ready()
        _populate(house, requests, deployment.port)
        learn(database)
        _write_down(app, house, requests, run)
        with _bare(deployment, run) as (port, root):
            found = postmaster(run) if engine == "postgresql" else None
            yield Stage(engine, deployment, house, requests, port, root, found)
    finally:
        deployment.kill()
        with app.app_context():
            db.engine.dispose()


def choice(house: House, visitor: Any, action: str, **more: Any) -> Request:
    """Make the request of a banner; `more` may hold rows, and the origin of its page."""
    rows, origin = more.pop("rows", []), more.pop("origin", ORIGIN)
    body = house.choice(action, visitor=visitor, decided_at=Hole(NOW), **more)
    return Request(
        f"/v1/sites/{house.site}/decisions",
        {**body, "id": more.get("id", Hole())},
        {"Origin": origin},
        rows,
    )


def _requests(house: House, subjects: int) -> dict[str, Request]:
    # Half of the base are readers of a newsletter, half are visitors of a site.
    readers = [[f"reader{number:08d}@example.org"] for number in range(subjects // 2)]
    visitors = [
        [secrets.token_urlsafe(16), secrets.token_urlsafe(16)] for _ in range(subjects // 2)
    ]
    asked = {"subject": {"email": Hole(0)}, "purpose": "newsletter"}
    return {
        "lookup": Request("/v1/permissions", asked, house.headers, readers),
        "new visitor": choice(house, Hole(), "accept_all"),
        "returning visitor": choice(
            house, Hole(0), "accept_all", previous=Hole(1), rows=visitors
        ),
    }


def _populate(house: House, requests: dict[str, Request], port: int) -> None:
    told = house.told({"email": Hole(0)})
    readers = Request("/v1/decisions", told, house.headers, requests["lookup"].rows)
    visitors = choice(
        house, Hole(0), "refuse_all", id=Hole(1), rows=requests["returning visitor"].rows
    )
    for request in (readers, visitors):
        answers = ask(request, port, once_each=True)
        assert not answers.refused, answers.refused


def learn(database: Database) -> None:
    # Autovacuum, off in a throw-away cluster, would have counted the rows by now.
    if database.engine == "postgresql":
        engine = create_engine(database.migration_url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
        engine.dispose()


def _write_down(app: Flask, house: House, requests: dict[str, Request], run: Path) -> None:
    """Take down what each journey executes, for the bare server."""
    with app.app_context(), read(house.organisation) as tx:
        people = [
            tuple(bytes(cell) if isinstance(cell, memoryview) else cell for cell in row)
            for row in tx.run(_PEOPLE, {"organisation": house.organisation})
        ]
    for journey, request in requests.items():
        kind = "email" if journey == "lookup" else "visitor"
        pool: Pool = [row for row in people if row[1] == kind]
        known = {row[6]: row for row in pool}
        _send(house, request, 0)
        first, mine = _watched(house, request, 1)
        second, _ = _watched(house, request, 2)
        if journey == "new visitor":
            text = Replay.of(first, second, (), [])
        else:
            row = known[mine[1]] if len(mine) > 1 else _held_by(first, pool)
            text = Replay.of(first, second, row, pool)
        path = run / f"{journey.replace(' ', '-')}.statements"
        path.write_text(f"{house.organisation}\n{text}", "utf-8")


def _held_by(steps: list[Step], pool: Pool) -> tuple[Any, ...]:
    used = {value for step in steps for values in step.values for value in values.values()}
    return next(row for row in pool if row[0] in used)


def _watched(house: House, request: Request, index: int) -> tuple[list[Step], list[str]]:
    with taken_down() as steps:
        row = _send(house, request, index)
    # The wall and the lock are part of opening the transaction, which the bare route does.
    return [step for step in steps if step.texts and "set_config" not in step.texts[0]], row


def _send(house: House, request: Request, index: int) -> list[str]:
    row = request.rows[index] if request.rows else []
    answer = house.client.post(
        request.path, json=_filled(request.body, row), headers=request.headers
    )
    assert answer.status_code < 300, answer.get_data(as_text=True)
    return row


def _filled(value: Any, row: list[str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(each, row) for name, each in value.items()}
    if isinstance(value, Hole):
        if value.column >= 0:
            return row[value.column]
        moment = rfc3339(system_clock())
        return moment if value.column == NOW else secrets.token_urlsafe(16)
    return value


@contextmanager
def _bare(deployment: Deployment, run: Path) -> Iterator[tuple[int, int]]:
    port = free_port()
    with (run / "bare.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "bench.bare", run],
            env={**deployment.environment, "PORT": str(port), "CONSENT_BASE_URL": ""},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(port)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait()


def wait_for(port: int, within: float = 20) -> None:
    """Wait until something listens."""
    until = time.monotonic() + within
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def postmaster(run: Path) -> int | None:
    """Find PostgreSQL's first process."""
    file = run / "postgresql" / "data" / "postmaster.pid"
    return int(file.read_text().split()[0]) if os.access(file, os.R_OK) else None
