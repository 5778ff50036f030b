"""What a deployment weighs: to start, in memory, and under a steady rate of writes."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from bench.load import ask
from bench.processes import proportional_bytes

if TYPE_CHECKING:
    from bench.stage import Stage

START_SECONDS: Final = 4.0
MEMORY_BYTES: Final = 150_000_000
RATE: Final = 200.0
_REQUESTS: Final = 1000
_HEALTH: Final = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Footprint:
    """The figures that are no ratios."""

    start_seconds: float
    memory_bytes: int
    memory_after: int
    rate: float
    steady_statuses: dict[str, int]
    steady_p99_ms: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def weigh(stage: Stage, *, seconds: float) -> Footprint:
    """Start the server anew, ask it a thousand things, then write at a steady rate."""
    start = _cold_start(stage)
    asked = 0
    while asked < _REQUESTS:
        for request in stage.requests.values():
            asked += ask(request, stage.port, seconds=0.2).count
    memory = proportional_bytes(stage.root)
    worker = stage.deployment.start_worker()
    try:
        steady = ask(stage.requests["new visitor"], stage.port, seconds=seconds, rate=RATE)
    finally:
        worker.stop()
    return Footprint(start, memory, asked, RATE, steady.statuses, steady.p99_ms)


def _cold_start(stage: Stage) -> float:
    assert stage.deployment.server is not None
    stage.deployment.server.stop()
    begun = time.perf_counter()
    stage.deployment.start_server()
    while not _answers(stage.port):
        time.sleep(0.01)
    return time.perf_counter() - begun


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as line:
        line.sendall(_HEALTH)
        return line.recv(100).startswith(b"HTTP/1.1 200")
    return False
