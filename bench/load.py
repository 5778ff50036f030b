"""Asking: requests written down as recipes, sent by the load generator's own process."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any, Final

CONNECTIONS: Final = 8
RANDOM: Final = -1
NOW: Final = -2
_LENGTHS: Final = {RANDOM: 22, NOW: 24}
# Around the number of a hole; nothing else in a body holds it.
_MARK: Final = "~"


@dataclass(frozen=True)
class Request:
    """A POST whose body has holes: a fresh token, the moment, or a column of a drawn row.

    What fills a hole has the same length every time, so the length of the body is known.
    """

    path: str
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    rows: list[list[str]] = field(default_factory=list)
    # Each with a head that never came before, as through a proxy that marks every request.
    strange: bool = False

    def parts(self) -> list[str | int]:
        """Give the whole request as the load generator reads it."""
        text = json.dumps(self.body, default=_hole)
        parts: list[str | int] = []
        length = 0
        for index, piece in enumerate(text.split(_MARK)):
            hole = int(piece) if index % 2 else None
            parts.append(piece if hole is None else hole)
            length += len(piece) if hole is None else self._length(hole)
        lines = {"Host": "127.0.0.1", **self.headers, "Content-Type": "application/json"}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        opening = f"POST {self.path} HTTP/1.1\r\n{head}Content-Length: {length}\r\n"
        if self.strange:
            return [f"{opening}X-Trace: ", RANDOM, "\r\n\r\n", *parts]
        return [f"{opening}\r\n", *parts]

    def _length(self, hole: int) -> int:
        return _LENGTHS.get(hole) or len(self.rows[0][hole])


@dataclass(frozen=True)
class Hole:
    """A place in a body that the load generator fills."""

    column: int = RANDOM


def _hole(value: object) -> str:
    assert isinstance(value, Hole)
    return f"{_MARK}{value.column}{_MARK}"


@dataclass(frozen=True)
class Answers:
    """What the load generator heard."""

    count: int
    seconds: float
    statuses: dict[str, int]
    p50_ms: float
    p99_ms: float
    most_ms: float

    @property
    def per_second(self) -> float:
        return self.count / self.seconds

    @property
    def refused(self) -> dict[str, int]:
        """Count every answer that is no success, by status."""
        return {code: count for code, count in self.statuses.items() if code[0] != "2"}


class Refused(RuntimeError):
    """Requests that should succeed did not: what was measured means nothing."""


def ask(
    request: Request,
    port: int,
    *,
    seconds: float = 0.0,
    rate: float = 0.0,
    once_each: bool = False,
) -> Answers:
    """Send for some seconds, as fast as it goes or at a rate; or each row once."""
    job = {
        "port": port,
        "connections": CONNECTIONS,
        "parts": request.parts(),
        "rows": request.rows,
        "seconds": seconds,
        "rate": rate,
        "once_each": once_each,
    }
    done = subprocess.run(
        [sys.executable, "-m", "bench.client"],
        input=json.dumps(job),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    heard = json.loads(done.stdout)
    return Answers(
        heard["answers"],
        heard["seconds"],
        heard["statuses"],
        heard["p50_ms"],
        heard["p99_ms"],
        heard["most_ms"],
    )


def ask_well(request: Request, port: int, *, seconds: float) -> Answers:
    """Send for some seconds; raises `Refused` when one answer is no success."""
    answers = ask(request, port, seconds=seconds)
    if answers.refused:
        raise Refused(f"{request.path} on {port}: {answers.refused}")
    return answers
