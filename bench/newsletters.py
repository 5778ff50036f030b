"""`python -m bench.newsletters`: ten thousand links, one-click, a long preference centre.

A real server with a worker beside it, on each engine. The yardstick of the one-click POST is a
lookup of the same server at the same rate.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from bench.load import Hole, Request, ask
from bench.processes import cpu_seconds
from bench.stage import UNLIMITED, StartedAlone, learn
from consent_server.app import create_app
from consent_server.clock import system_clock
from consent_server.db import db
from tests.support import databases, postgres
from tests.support.clock import HandClock
from tests.support.databases import ENGINES
from tests.support.house import House, make_house
from tests.support.shared import RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.databases import Database, Engine
    from tests.support.server import Deployment

LINKS: Final = 10_000
LINKS_SECONDS: Final = 2.0
RATE: Final = 50.0
CLICK_MS: Final = 100.0
DECISIONS: Final = 5_000
CENTRE_MS: Final = 300.0
_BODY: Final = "List-Unsubscribe=One-Click"
_LONG: Final = {"email": "long.history@people.example"}


class OneClick(Request):
    """What a mailbox provider sends (RFC 8058); the row holds the link's token."""

    def parts(self) -> list[str | int]:
        return [
            "POST /u/",
            0,
            " HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(_BODY)}\r\n\r\n{_BODY}",
        ]


@dataclass(frozen=True)
class Place:
    """A running server, and the house it serves."""

    deployment: Deployment
    house: House
    database: Database

    def call(self, method: str, path: str, body: Any = None) -> tuple[bytes, float]:
        """Ask once, over a connection of its own; gives the answer and its seconds."""
        line = HTTPConnection("127.0.0.1", self.deployment.port, timeout=60)
        sent = None if body is None else json.dumps(body).encode()
        headers = {**self.house.headers, "Content-Type": "application/json"} if sent else {}
        begun = time.perf_counter()
        line.request(method, path, sent, headers)
        answer = line.getresponse()
        told = answer.read()
        seconds = time.perf_counter() - begun
        line.close()
        assert answer.status < 300, told[:500]
        return told, seconds


@contextmanager
def place(engine: Engine) -> Iterator[Place]:
    """Start all of it in a temporary folder, and leave nothing behind."""
    run = RunFolder()
    try:
        with databases.fresh(engine, run.path, run.path / "data") as database:
            deployment = StartedAlone(database, run.path / "data", **UNLIMITED)
            app = create_app(replace(deployment.settings, log_level="ERROR"))
            with app.app_context():
                house = make_house(app, HandClock(system_clock()))
            try:
                deployment.start_server()
                deployment.start_worker()
                deployment.wait_until_ready()
                yield Place(deployment, house, database)
            finally:
                deployment.kill()
                with app.app_context():
                    db.engine.dispose()
    finally:
        postgres.stop(run.path)
        run.close()


def links(place: Place, many: int) -> tuple[dict[str, Any], list[str]]:
    """Ask for the links of so many strangers in one call, then for the same once more."""
    wanted = ({"email": _reader(number)} for number in range(many))
    body = {"links": [{"subject": each, "purpose": "newsletter"} for each in wanted]}
    figures: dict[str, Any] = {}
    answer = b""
    for turn in ("new", "known"):
        before = _cpu(place)
        answer, seconds = place.call("POST", "/v1/unsubscribe-links", body)
        figures[turn] = {"seconds": seconds, "cpu_seconds": _cpu(place) - before}
        figures[turn]["links"] = many
    tokens = [urlsplit(each["url"]).path[3:] for each in json.loads(answer)["links"]]
    return figures, tokens


def _reader(number: int) -> str:
    return f"reader{number:08d}@people.example"


def _cpu(place: Place) -> float:
    assert place.deployment.server is not None
    return cpu_seconds(place.deployment.server.pid)


def clicks(place: Place, tokens: list[str], seconds: float) -> dict[str, Any]:
    """Press links of different people at a steady rate, beside lookups at that rate."""
    rows = [[token] for token in tokens]
    told: dict[str, Any] = {}
    readers = [[_reader(number)] for number in range(len(tokens))]
    asked = {"subject": {"email": Hole(0)}, "purpose": "newsletter"}
    for name, request in {
        "one_click": OneClick("", {}, {}, rows),
        "lookup": Request("/v1/permissions", asked, place.house.headers, readers),
    }.items():
        before = _cpu(place)
        heard = ask(request, place.deployment.port, seconds=seconds, rate=RATE)
        told[name] = {
            "cpu_ms": (_cpu(place) - before) * 1000 / heard.count,
            "answers": heard.count,
            "refused": heard.refused,
            "p50_ms": heard.p50_ms,
            "p99_ms": heard.p99_ms,
            "most_ms": heard.most_ms,
        }
    return told


def centre(place: Place, many: int, times: int = 30) -> dict[str, Any]:
    """Let somebody decide so many times, and open her page."""
    said = place.house.told(_LONG, choices={"newsletter": Hole(0)})
    # Some meet, and a yes that was sent before a no came is refused: a few more than asked for.
    every = range(many * 11 // 10)
    rows = [["granted" if number % 2 else "refused"] for number in every]
    request = Request("/v1/decisions", said, place.house.headers, rows)
    heard = ask(request, place.deployment.port, once_each=True)
    learn(place.database)
    answer, _ = place.call("POST", "/v1/preference-links", {"subject": _LONG})
    path = urlsplit(json.loads(answer)["url"]).path
    shown = [place.call("GET", path)[1] * 1000 for _ in range(times)]
    return {
        "decisions": heard.count - sum(heard.refused.values()),
        "refused": heard.refused,
        "p50_ms": statistics.median(shown),
        "most_ms": max(shown),
    }


def lines(engine: str, told: dict[str, Any]) -> Iterator[str]:
    """Write the figures of one engine, each with what is asked."""
    yield f"{engine}: one run, server, worker and load generator on the same cores"
    for turn, figures in told["links"].items():
        yield (
            f"  {figures['links']:,} links, {turn:<6} {figures['seconds']:6.2f} s"
            f" ({figures['cpu_seconds']:.2f} s of CPU), asked {LINKS_SECONDS:.0f} s"
        )
    click, lookup = told["clicks"]["one_click"], told["clicks"]["lookup"]
    yield (
        f"  one-click at {RATE:.0f}/s      p50 {click['p50_ms']:.1f} ms,"
        f" p99 {click['p99_ms']:.1f} ms, asked {CLICK_MS:.0f} ms;"
        f" {click['cpu_ms']:.1f} ms of CPU;"
        f" refused {click['refused'] or 'none'} of {click['answers']:,}"
    )
    yield (
        f"  … a lookup so        p50 {lookup['p50_ms']:.1f} ms,"
        f" p99 {lookup['p99_ms']:.1f} ms: {click['p99_ms'] / lookup['p99_ms']:.1f} times that"
    )
    page = told["centre"]
    yield (
        f"  preference centre    p50 {page['p50_ms']:.0f} ms, slowest {page['most_ms']:.0f} ms"
        f" after {page['decisions']:,} decisions, asked {CENTRE_MS:.0f} ms"
    )


def measure(engine: Engine, told: argparse.Namespace) -> dict[str, Any]:
    """Measure all three on one engine."""
    with place(engine) as running:
        made, tokens = links(running, told.links)
        learn(running.database)
        return {
            "links": made,
            "clicks": clicks(running, tokens, told.seconds),
            "centre": centre(running, told.decisions),
        }


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="bench.newsletters", description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, help="one engine instead of both")
    parser.add_argument("--seconds", type=float, default=30.0, help="of clicks at the rate")
    parser.add_argument("--links", type=int, default=LINKS, help="in one call")
    parser.add_argument("--decisions", type=int, default=DECISIONS, help="of one person")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    told = parser.parse_args()
    measured: dict[str, Any] = {}
    for engine in [told.engine] if told.engine else ENGINES:
        measured[engine] = measure(engine, told)
        if not told.json:
            print("\n".join(lines(engine, measured[engine])))
    if told.json:
        print(json.dumps(measured, indent=2))


if __name__ == "__main__":
    main()
