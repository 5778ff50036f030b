"""The rest of the web, on this machine: real hosts' names lead to one server of ours.

Chromium is told that every name but `localhost` is this machine; what it calls there is
written down, whatever the page or its scripts say.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.support.browser import FLAGS, executable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

PIXEL = bytes.fromhex(
    "47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b"
)
KINDS: dict[str, tuple[str, bytes]] = {
    ".js": (
        "text/javascript",
        b"window.ran = (window.ran || []).concat(document.currentScript.src)",
    ),
    ".gif": ("image/gif", PIXEL),
    ".css": ("text/css", b"body { --styled: yes }"),
}


class Elsewhere:
    """Answers for every host; says who was called, and serves the pages of a test."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.pages: dict[str, Callable[[], str]] = {}
        # The Content-Security-Policy of a page, where it has one.
        self.policies: dict[str, str] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def port(self) -> int:
        """Give the port at which everything is answered."""
        return self._server.server_port

    def called(self, address: str) -> list[str]:
        """List what was called at a host, or at the beginning of an address of it."""
        return [call for call in self.calls if f"{call}/".startswith(address)]

    def wait_for(self, address: str, within: float = 10) -> None:
        """Wait until a host, or an address of it, has been called."""
        until = time.monotonic() + within
        while not self.called(address):
            assert time.monotonic() < until, f"{address} was not called within {within} s"
            time.sleep(0.05)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        elsewhere = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host = (self.headers["Host"] or "").partition(":")[0]
                path = self.path.partition("?")[0]
                elsewhere.calls.append(f"{host}{self.path}")
                kind, body = elsewhere._answer(f"{host}{path}")
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Access-Control-Allow-Origin", "*")
                if policy := elsewhere.policies.get(f"{host}{path}"):
                    self.send_header("Content-Security-Policy", policy)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815 - the name is http.server's

            def log_message(self, *_: Any) -> None:
                """Stay silent: what was called is kept in `calls`."""

        return Handler

    def _answer(self, address: str) -> tuple[str, bytes]:
        if address in self.pages:
            return "text/html; charset=utf-8", self.pages[address]().encode()
        for ending, answer in KINDS.items():
            if address.endswith(ending):
                return answer
        return "text/html; charset=utf-8", b"<!doctype html><title>Elsewhere</title>elsewhere"

    @contextmanager
    def running(self) -> Iterator[Elsewhere]:
        """Answer until the block ends."""
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


@contextmanager
def chromium(browser: Browser, elsewhere: Elsewhere) -> Iterator[Browser]:
    """Give a Chromium to which every name but `localhost` is that server."""
    rules = (
        # The browser's own: it calls home whatever it is told.
        "MAP update.googleapis.com ~NOTFOUND, "
        f"MAP * 127.0.0.1:{elsewhere.port}, EXCLUDE *localhost, EXCLUDE 127.0.0.1"
    )
    # Of the same driver: two in one thread do not agree.
    another = browser.browser_type.launch(
        executable_path=executable(),
        headless=True,
        args=[*FLAGS, f"--host-resolver-rules={rules}"],
    )
    try:
        yield another
    finally:
        another.close()
