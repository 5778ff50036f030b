"""What comes on a kept connection is answered as any other request is, whoever answers."""

from __future__ import annotations

import json
import re
import secrets
import socket
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from consent_server.app import create_app
from consent_server.clock import rfc3339, system_clock
from consent_server.db import db
from tests.support import databases
from tests.support.clock import HandClock
from tests.support.document import ORIGIN
from tests.support.house import make_house
from tests.support.server import Deployment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.house import House

# Of one worker with one thread, so that whoever waits in it keeps all others waiting.
ALONE = {"CONSENT_WORKERS": "1", "CONSENT_THREADS": "1", "CONSENT_TRUSTED_PROXIES": "1"}
SOON = 30.0


class Running:
    """A server with one thread, and an organisation it serves."""

    def __init__(self, deployment: Deployment, house: House) -> None:
        self.deployment, self.house = deployment, house

    @contextmanager
    def line(self) -> Iterator[Line]:
        """Open a connection."""
        with socket.create_connection(("127.0.0.1", self.deployment.port), SOON) as opened:
            yield Line(opened)

    def question(self, email: str, **heads: str) -> bytes:
        """Write a lookup."""
        asked = {"subject": {"email": email}, "purpose": "newsletter"}
        return written("/v1/permissions", asked, {**self.house.headers, **heads})

    def choice(self, heads: dict[str, str] | None = None, **but: Any) -> bytes:
        """Write a visitor's choice."""
        body = self.house.choice(decided_at=rfc3339(system_clock()), **but)
        path = f"/v1/sites/{self.house.site}/decisions"
        return written(path, body, {"Origin": ORIGIN, **(heads or {})})


def written(path: str, body: Any, headers: dict[str, str]) -> bytes:
    text = json.dumps(body).encode()
    lines = {"Host": "localhost", **headers, "Content-Type": "application/json"}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    opening = f"POST {path} HTTP/1.1\r\n{head}Content-Length: {len(text)}\r\n\r\n"
    return opening.encode() + text


class Answer:
    """An answer as it came."""

    def __init__(self, head: bytes, body: bytes) -> None:
        self.status = int(head.split()[1])
        self.lines = head.decode().split("\r\n")
        self.body = json.loads(body)

    def alike(self) -> list[str]:
        """Give its head without what differs from one answer to the next."""
        lines = [re.sub(r";r=\d+;t=\d+", "", line) for line in self.lines]
        return [line for line in lines if not line.startswith(("Date", "X-Request-Id"))]

    def left(self) -> int:
        """Tell what the quota has left."""
        (line,) = (line for line in self.lines if line.startswith("RateLimit:"))
        return int(line.split(";r=")[1].split(";")[0])


class Line:
    """A connection."""

    def __init__(self, opened: socket.socket) -> None:
        self.socket, self._more = opened, b""

    def send(self, raw: bytes) -> None:
        self.socket.sendall(raw)

    def hear(self) -> Answer:
        while b"\r\n\r\n" not in self._more:
            self._hear_more()
        head, _, rest = self._more.partition(b"\r\n\r\n")
        length = int(re.search(rb"Content-Length: (\d+)", head)[1])  # type: ignore[index]
        while len(rest) < length:
            self._hear_more()
            rest = self._more.partition(b"\r\n\r\n")[2]
        self._more = rest[length:]
        return Answer(head, rest[:length])

    def _hear_more(self) -> None:
        came = self.socket.recv(65536)
        assert came, "the connection was closed"
        self._more += came

    def ask(self, raw: bytes) -> Answer:
        self.send(raw)
        return self.hear()

    def warm(self, raw: bytes) -> None:
        """Let a head be known: the first request is the pool's, the second one's is read."""
        for _ in range(2):
            assert self.ask(raw).status < 300


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def running(
    request: pytest.FixtureRequest, run_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    data = tmp_path_factory.mktemp("kept") / "data"
    with databases.fresh(request.param, run_folder, data) as database:
        deployment = Deployment(database, data, **ALONE)
        app = create_app(replace(deployment.settings, log_level="ERROR"))
        with app.app_context():
            house = make_house(app, HandClock(system_clock()))
        with deployment:
            yield Running(deployment, house)
        with app.app_context():
            db.engine.dispose()


def test_every_answer_on_a_connection_is_alike(running: Running) -> None:
    with running.line() as line:
        answers = [line.ask(running.question("one@example.org")) for _ in range(5)]
        choices = [line.ask(running.choice()) for _ in range(5)]
    for several in (answers, choices):
        assert {tuple(each.alike()) for each in several} == {tuple(several[0].alike())}
        names = [line for each in several for line in each.lines if line.startswith("X-Req")]
        assert len(set(names)) == len(several)
        left = [each.left() for each in several]
        assert left == list(range(left[0], left[0] - 5, -1))
    assert {each.body["because"] for each in answers} == {"never_asked"}
    assert len({each.body["id"] for each in choices}) == 5


def test_what_is_known_does_not_wait_for_a_thread(running: Running) -> None:
    with running.line() as line:
        line.warm(running.question("two@example.org"))
        line.warm(running.choice())
        with running.line() as slow:
            # The only thread waits for the rest of this one.
            slow.send(running.question("three@example.org")[:-1])
            assert line.ask(running.question("six@example.org")).status == 200
            assert line.ask(running.choice()).status == 201
            slow.send(b"}")
            assert slow.hear().status == 200


def test_a_head_that_never_came_before_does_not_wait_either(running: Running) -> None:
    with running.line() as line:
        line.warm(running.question("ten@example.org"))
        with running.line() as slow:
            slow.send(running.question("eleven@example.org")[:-1])
            for number in range(5):
                heads = {"Trace": str(number)}
                assert line.ask(running.question("six@example.org", **heads)).status == 200
                assert line.ask(running.choice(heads)).status == 201
            slow.send(b"}")
            assert slow.hear().status == 200


@pytest.mark.parametrize(
    "heads",
    [
        {"Content-Encoding": "gzip"},
        {"Expect": "100-continue"},
        {"Connection": "close"},
        {"Content-Length": "7"},
        {"Transfer-Encoding": "chunked"},
        {"Bad Head": "1"},
    ],
)
def test_what_is_not_plain_is_answered_by_gunicorn_and_flask(
    running: Running, heads: dict[str, str]
) -> None:
    def told() -> bytes:
        with running.line() as line:
            line.warm(running.question("twelve@example.org"))
            line.send(running.question("twelve@example.org", **heads))
            first = line.socket.recv(65536)
        return first.split(b"\r\n")[0]

    with running.line() as fresh:
        # The first request of a connection is the pool's in any case.
        fresh.send(running.question("twelve@example.org", **heads))
        assert told() == fresh.socket.recv(65536).split(b"\r\n")[0]


def test_each_answer_is_of_its_own_body(running: Running) -> None:
    house = running.house
    mails = [f"{secrets.token_hex(8)}@example.org" for _ in range(4)]
    for mail in mails[::2]:
        assert house.post("/v1/decisions", house.told({"email": mail})).status_code == 201
    with running.line() as line:
        line.warm(running.question(mails[0]))
        said = [line.ask(running.question(mail)).body["allowed"] for mail in mails * 2]
    assert said == [True, False, True, False] * 2


def test_several_sent_at_once_are_answered_in_their_order(running: Running) -> None:
    with running.line() as line:
        line.warm(running.question("four@example.org"))
        line.warm(running.choice())
        line.send(running.question("five@example.org") + running.choice())
        assert [line.hear().status for _ in range(2)] == [200, 201]
        line.send(running.choice() + running.choice() + running.question("no@example.org"))
        assert [line.hear().status for _ in range(3)] == [201, 201, 200]


def test_what_comes_while_another_is_written_is_answered_after_it(running: Running) -> None:
    with running.line() as line:
        line.warm(running.choice())
        for _ in range(20):
            line.send(running.choice())
            line.send(running.question("seven@example.org"))
            assert [line.hear().status for _ in range(2)] == [201, 200]


def test_a_request_in_pieces_is_one_request(running: Running) -> None:
    with running.line() as line:
        raw = running.question("eight@example.org")
        line.warm(raw)
        for cut in (1, 30, raw.index(b"\r\n\r\n") + 4, len(raw) - 1):
            line.send(raw[:cut])
            line.send(raw[cut:])
            assert line.hear().body["because"] == "never_asked"


@pytest.mark.parametrize(
    ("but", "status", "counted"),
    [
        # Not to be read at all: refused before it is counted.
        ({"action": "perhaps"}, 422, 0),
        # Read, and refused by what it would be recorded with.
        ({"choices": {"analytics": "granted"}}, 422, 3),
        ({"previous": "p" * 22}, 409, 3),
    ],
)
def test_a_refused_choice_is_told_why_and_counted_once(
    running: Running, but: dict[str, Any], status: int, counted: int
) -> None:
    with running.line() as line:
        line.warm(running.choice())
        before = line.ask(running.choice()).left()
        refusals = [line.ask(running.choice(**but)) for _ in range(3)]
        after = line.ask(running.choice()).left()
    assert {each.status for each in refusals} == {status}
    assert all("application/problem+json" in "".join(each.lines) for each in refusals)
    assert before - after == counted + 1


def test_visitors_behind_a_proxy_have_a_quota_each(running: Running) -> None:
    def left(line: Line, address: str) -> int:
        return line.ask(running.choice({"X-Forwarded-For": address})).left()

    with running.line() as line:
        line.warm(running.choice({"X-Forwarded-For": "192.0.2.1"}))
        one = [left(line, "192.0.2.1"), left(line, "192.0.2.1")]
        other = [left(line, "198.51.100.7"), left(line, "198.51.100.7")]
        assert left(line, "192.0.2.1") == one[1] - 1 == one[0] - 2
    assert other[0] - 1 == other[1]
    assert other[0] > one[0]


def test_the_same_choice_again_is_the_same_decision(running: Running) -> None:
    with running.line() as line:
        raw = running.choice()
        answers = [line.ask(raw) for _ in range(4)]
    assert len({each.body["id"] for each in answers}) == 1
    assert ["Idempotent-Replayed: true" in each.lines for each in answers] == [
        False, True, True, True,
    ]  # fmt: skip


def test_a_caller_that_goes_harms_nobody(running: Running) -> None:
    for _ in range(5):
        with running.line() as gone:
            gone.warm(running.choice())
            gone.send(running.choice())
    with running.line() as line:
        line.warm(running.choice())


def test_stopping_answers_who_asks_and_ends(running: Running) -> None:
    with running.line() as line:
        line.warm(running.question("nine@example.org"))
        assert running.deployment.stop() == {"serve": 0, "worker": 0}
        line.socket.settimeout(SOON)
        assert line.socket.recv(1) == b""
    running.deployment.start()
