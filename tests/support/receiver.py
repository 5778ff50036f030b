"""A receiver of webhooks on this machine: real sockets, and any manners one asks of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

# What to answer to the nth request (from 0): a status, and headers.
Manners = Callable[[int], tuple[int, dict[str, str]]]


def kind(_: int) -> tuple[int, dict[str, str]]:
    """Take everything."""
    return 204, {}


@dataclass
class Receiver:
    """Listens, remembers what came, answers as it is told."""

    manners: Manners = kind
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def __enter__(self) -> Self:
        receiver = self
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                wanted = int(self.headers["Content-Length"])
                body = self.rfile.read(wanted)
                if len(body) < wanted:
                    # Who sent it was killed before its end: nobody takes half a message.
                    self.close_connection = True
                    return
                with lock:
                    number = len(receiver.got)
                    receiver.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                status, headers = receiver.manners(number)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def pair(self) -> str:
        """Its host and port."""
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self.pair}/hooks"

    def read(self, *secrets: str) -> list[dict[str, Any]]:
        """Read what came, once each signature is the one that each secret makes."""
        for headers, body in self.got:
            signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
            assert set(headers["webhook-signature"].split()) == {
                _signature(secret, signed) for secret in secrets
            }
        return [json.loads(body) for _, body in self.got]

    @property
    def ids(self) -> list[str]:
        """The ids of what came, in order."""
        return [headers["webhook-id"] for headers, _ in self.got]


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
