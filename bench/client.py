"""A cheap load generator: requests made in advance, a few kept connections, one thread.

It runs in a process of its own and shares the machine with the server it asks, so each
microsecond it burns is one the server lacks: plain sockets, epoll, no HTTP library.
Reads one job from standard input and writes one result to standard output.
"""

from __future__ import annotations

import json
import os
import random
import select
import socket
import sys
from base64 import urlsafe_b64encode
from collections import Counter, deque
from dataclasses import dataclass, field
from functools import lru_cache
from time import gmtime, perf_counter, strftime, time
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN_BYTES: Final = 16
_CHUNK: Final = 1 << 16
_PATIENCE: Final = 10.0


class Stuck(RuntimeError):
    """The server stopped answering."""


class Recipe:
    """A request in parts: fixed text, columns of a row drawn, and what is made anew."""

    def __init__(self, parts: list[Any], rows: list[list[str]]) -> None:
        self._parts = [part.encode() if isinstance(part, str) else part for part in parts]
        self._rows = [[cell.encode() for cell in row] for row in rows] or [[]]

    def drawn(self) -> Iterator[bytes]:
        """Give requests for ever, each with a row drawn at random."""
        while True:
            yield self._render(random.choice(self._rows))

    def each(self) -> Iterator[bytes]:
        """Give one request for each row, in order."""
        return map(self._render, self._rows)

    def _render(self, row: list[bytes]) -> bytes:
        return b"".join(
            part if isinstance(part, bytes) else row[part] if part >= 0 else _MADE[part]()
            for part in self._parts
        )


def _token() -> bytes:
    return urlsafe_b64encode(os.urandom(TOKEN_BYTES)).rstrip(b"=")


def _now() -> bytes:
    seconds, thousandths = divmod(int(time() * 1000), 1000)
    return b"%b.%03dZ" % (_second(seconds), thousandths)


@lru_cache(maxsize=4)
def _second(seconds: int) -> bytes:
    return strftime("%Y-%m-%dT%H:%M:%S", gmtime(seconds)).encode()


# A fresh random token; the moment, as a browser says it.
_MADE: Final = {-1: _token, -2: _now}


@dataclass
class Heard:
    """What came back."""

    statuses: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        ordered = sorted(self.latencies)
        return {
            "answers": len(ordered),
            "seconds": self.seconds,
            "statuses": dict(self.statuses),
            "p50_ms": _quantile(ordered, 0.50) * 1000,
            "p99_ms": _quantile(ordered, 0.99) * 1000,
            "most_ms": _quantile(ordered, 1.0) * 1000,
        }


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


class _Line:
    """One kept connection with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.due = 0.0
        self._begun = b""

    def send(self, request: bytes, due: float) -> None:
        self.due = due
        self.socket.sendall(request)

    def hear(self) -> str:
        """Read what has come; gives the status once the answer is whole, else nothing."""
        found = self.socket.recv(_CHUNK)
        if not found:
            raise Stuck("the server closed a kept connection")
        answer = self._begun + found
        head = answer.find(b"\r\n\r\n")
        at = answer.find(b"Content-Length: ", 0, head)
        if head < 0:
            self._begun = answer
            return ""
        length = int(answer[at + 16 : answer.find(b"\r\n", at)])
        if len(answer) < head + 4 + length:
            self._begun = answer
            return ""
        self._begun = b""
        return answer[9:12].decode()


def saturate(port: int, connections: int, requests: Iterator[bytes], seconds: float) -> Heard:
    """Keep every connection busy for some seconds, or until the requests are used up."""
    heard, lines, poll = Heard(), *_connect(port, connections)
    begun = perf_counter()
    until, under_way = begun + seconds, 0
    for line in lines.values():
        under_way += _next(line, requests)
    while under_way:
        for number, _ in _polled(poll):
            line = lines[number]
            status = line.hear()
            if not status:
                continue
            now = perf_counter()
            heard.latencies.append(now - line.due)
            heard.statuses[status] += 1
            under_way -= 1
            if now < until:
                under_way += _next(line, requests)
    heard.seconds = perf_counter() - begun
    return heard


def pace(
    port: int, connections: int, requests: Iterator[bytes], seconds: float, rate: float
) -> Heard:
    """Send at a steady rate; a late answer counts from when its request was due."""
    heard, lines, poll = Heard(), *_connect(port, connections)
    free, begun = deque(lines.values()), perf_counter()
    total, sent = int(seconds * rate), 0
    while sum(heard.statuses.values()) < total:
        while sent < total and free and begun + sent / rate <= perf_counter():
            free.popleft().send(next(requests), begun + sent / rate)
            sent += 1
        wait = begun + sent / rate - perf_counter() if free and sent < total else _PATIENCE
        for number, _ in poll.poll(max(0.0, wait)):
            status = lines[number].hear()
            if status:
                heard.latencies.append(perf_counter() - lines[number].due)
                heard.statuses[status] += 1
                free.append(lines[number])
    heard.seconds = perf_counter() - begun
    return heard


def _connect(port: int, connections: int) -> tuple[dict[int, _Line], select.epoll]:
    poll, lines = select.epoll(), {}
    for _ in range(connections):
        line = _Line(port)
        lines[line.socket.fileno()] = line
        poll.register(line.socket, select.EPOLLIN)
    return lines, poll


def _polled(poll: select.epoll) -> list[tuple[int, int]]:
    ready = poll.poll(_PATIENCE)
    if not ready:
        raise Stuck(f"no answer within {_PATIENCE} s")
    return ready


def _next(line: _Line, requests: Iterator[bytes]) -> int:
    request = next(requests, None)
    if request is None:
        return 0
    line.send(request, perf_counter())
    return 1


def main() -> None:
    job = json.load(sys.stdin)
    recipe = Recipe(job["parts"], job["rows"])
    port, connections = job["port"], job["connections"]
    if job["once_each"]:
        heard = saturate(port, connections, recipe.each(), float("inf"))
    elif job["rate"]:
        heard = pace(port, connections, recipe.drawn(), job["seconds"], job["rate"])
    else:
        heard = saturate(port, connections, recipe.drawn(), job["seconds"])
    json.dump(heard.as_json(), sys.stdout)


if __name__ == "__main__":
    main()
