"""What is not HTTP is refused in our shape, and nothing of it is said again."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

from tests.support import databases
from tests.support.server import Deployment

SECRET = b"somebody@example.org"


@pytest.fixture(scope="module")
def port(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    data = tmp_path_factory.mktemp("wire") / "data"
    with (
        databases.fresh("sqlite", run_folder, data) as database,
        Deployment(database, data) as running,
    ):
        yield running.port


def sent(port: int, raw: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(raw)
        whole = b""
        while block := line.recv(65536):
            whole += block
    return whole


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (SECRET + b"\r\n\r\n", 400),
        (b"GET /u/" + SECRET + b" HTTP/9.9\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nbad header " + SECRET + b": 1\r\n\r\n", 400),
        (b"GET /" + SECRET * 400 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + SECRET * 600 + b"\r\n\r\n", 431),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " + SECRET + b"\r\n\r\n", 501),
    ],
)
def test_what_is_not_http_is_a_problem_that_repeats_nothing(
    port: int, raw: bytes, status: int
) -> None:
    head, _, body = sent(port, raw).partition(b"\r\n\r\n")
    told = json.loads(body)
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"application/problem+json" in head
    assert told["status"] == status
    assert told["code"]
    assert SECRET not in head + body
