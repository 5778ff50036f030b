"""Requests as many clients send them: each on a connection of its own, in the raw."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from threading import Barrier, Event, Thread
from typing import TYPE_CHECKING, Any, Self, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from http.client import HTTPResponse
    from socket import socket

    from tests.support.running import Running

Body = dict[str, Any]
# What a client sees when whoever it talked to is gone.
UNANSWERED = (OSError, HTTPException)
SECONDS = 30


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def replayed(self) -> bool:
        return self.headers.get("idempotent-replayed") == "true"


def whole(response: HTTPResponse) -> Answer:
    """Read an answer to its end."""
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, response.read())


def half_a_list(port: int, headers: Mapping[str, str], lines: int = 800) -> HTTPConnection:
    """Send the first half of a list that is answered while it comes."""
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    connection.putrequest("POST", "/v1/permissions/bulk?purpose=newsletter&duplex=true")
    own = {"Content-Type": "text/csv", "Transfer-Encoding": "chunked"}
    for name, value in {**headers, **own}.items():
        connection.putheader(name, value)
    connection.endheaders()
    more_of_a_list(connection, b"email\n" + b"x@nobody.example\n" * lines)
    return connection


def more_of_a_list(connection: HTTPConnection, lines: bytes) -> None:
    """Send more of it; nothing ends it."""
    connection.send(b"%x\r\n%s\r\n" % (len(lines), lines))


def send(port: int, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    """Send one request on a new connection; an underscore in a header's name is a hyphen."""
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {"Content-Type": "application/json"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, None if body is None else content, named)
        return whole(connection.getresponse())
    finally:
        connection.close()


class Kept:
    """A connection that is kept; sending and hearing are apart, so that several may meet."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)

    @property
    def socket(self) -> socket:
        """Give what tells that an answer has come."""
        return cast("socket", self._connection.sock)

    def send(self, path: str, body: Any, **headers: str) -> None:
        """Post JSON, and do not wait for the answer."""
        content = json.dumps(body).encode()
        named = {"Content-Type": "application/json", **headers}
        try:
            self._connection.request("POST", path, content, named)
        except UNANSWERED:
            self.close()
            raise

    def answer(self) -> Answer:
        """Wait for the answer."""
        try:
            return whole(self._connection.getresponse())
        except UNANSWERED:
            self.close()
            raise

    def close(self) -> None:
        """Let go of it; the next request makes another."""
        self._connection.close()


@dataclass(frozen=True)
class Client:
    """One organisation's pages and systems, sending to one server."""

    running: Running

    @property
    def port(self) -> int:
        return self.running.deployment.port

    def choose(self, body: Body) -> Answer:
        """Send a visitor's choice as a page of the site does."""
        path = f"/v1/sites/{self.running.site}/decisions"
        return send(self.port, "POST", path, body, Origin=self.running.origin)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        """Post JSON with the key."""
        return send(self.port, "POST", path, body, **self.running.headers, **headers)

    def get(self, path: str) -> Answer:
        """Get with the key."""
        return send(self.port, "GET", path, **self.running.headers)

    def ask(self, email: str, purpose: str = "newsletter") -> Answer:
        """Ask whether an address may be written to."""
        question = {"subject": {"email": email}, "purpose": purpose}
        return self.post("/v1/permissions", question)

    def half_a_list(self) -> HTTPConnection:
        """Send the first half of a list that is answered while it comes."""
        return half_a_list(self.port, self.running.headers)

    def ask_many(self, question: bytes, purpose: str = "newsletter") -> Answer:
        """Ask about a whole list at once."""
        path = f"/v1/permissions/bulk?purpose={purpose}"
        headers = {**self.running.headers, "Content_Type": "text/csv"}
        return send(self.port, "POST", path, question, **headers)

    def one_click(self, path: str) -> Answer:
        """Leave as a mailbox does."""
        form = "application/x-www-form-urlencoded"
        body = b"List-Unsubscribe=One-Click"
        return send(self.port, "POST", path, body, Content_Type=form)

    def events(self) -> list[Body]:
        """Read the feed from its beginning to its end."""
        found: list[Body] = []
        after = 0
        while page := self.get(f"/v1/events?after={after}&limit=1000").json["events"]:
            found += page
            after = page[-1]["seq"]
        return found


@dataclass(frozen=True)
class Chosen:
    """A choice that was sent, and the answer it got."""

    body: Body
    answer: Answer


class Writers:
    """Visitors who choose, and change their minds, until told to stop."""

    def __init__(self, client: Client, threads: int = 6) -> None:
        self.client = client
        self.acknowledged: list[Chosen] = []
        self.refused: list[Chosen] = []
        self.unanswered: list[Body] = []
        self._stop = Event()
        self._threads = [Thread(target=self._write) for _ in range(threads)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, more: int) -> None:
        """Wait until so many more choices have been acknowledged."""
        wanted = len(self.acknowledged) + more
        while len(self.acknowledged) < wanted:
            assert not self._stop.wait(0.005)

    def _write(self) -> None:
        while not self._stop.is_set():
            first = self.client.running.choice("accept_all")
            again = self.client.running.choice("refuse_all", visitor=first["visitor"])
            # A visitor whose choice was not answered is left to the retries.
            _ = self._chosen(first) and self._chosen(again)

    def _chosen(self, body: Body) -> bool:
        try:
            answer = self.client.choose(body)
        except ConnectionRefusedError:
            # Nobody listens: nothing was sent.
            self._stop.wait(0.05)
            return False
        except UNANSWERED:
            self.unanswered.append(body)
            return False
        if answer.status == 201:
            self.acknowledged.append(Chosen(body, answer))
            return True
        self.refused.append(Chosen(body, answer))
        self._stop.wait(0.1)
        return False


def at_once(acts: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Do all of this at the same moment, each in a thread of its own; gives the answers."""
    start = Barrier(len(acts))

    def act(deed: Callable[[], Answer]) -> Answer:
        start.wait()
        return deed()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(act, acts))
