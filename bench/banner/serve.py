"""The web server of the page: a few files, compressed once with brotli as a CDN has them."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import brotli

from bench.banner.contestants import HERE, PACKAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
# The page's own style sheet: what the page fetches without a banner, too.
STYLE: Final = "/page.css"
ANALYTICS: Final = "window.analyticsRan = performance.now()"


@dataclass
class Pages:
    """What is served, and how large it is on the line."""

    documents: dict[str, str]
    packed: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def find(self, path: str) -> tuple[str, bytes] | None:
        """Give the type and the compressed bytes of an address; None when there is nothing."""
        if path not in self.packed:
            found = self._read(path)
            if found is None:
                return None
            self.packed[path] = found[0], brotli.compress(found[1], quality=11)
        return self.packed[path]

    def _read(self, path: str) -> tuple[str, bytes] | None:
        if path in self.documents:
            return "text/html; charset=utf-8", self.documents[path].encode()
        if path == "/analytics.js":
            return _TYPES[".js"], ANALYTICS.encode()
        if path == STYLE:
            return _TYPES[".css"], (HERE / "page.css").read_bytes()
        file = (PACKAGES / path.removeprefix("/npm/")).resolve()
        inside = path.startswith("/npm/") and file.is_relative_to(PACKAGES)
        if not inside or not file.is_file():
            return None
        return _TYPES.get(file.suffix, "application/octet-stream"), file.read_bytes()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, pages: Pages, *told: Any) -> None:
        self._pages = pages
        super().__init__(*told)

    def do_GET(self) -> None:
        found = self._pages.find(urlsplit(self.path).path)
        kind, body = found or ("text/plain", brotli.compress(b"not found"))
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Encoding", "br")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing: the figures are what is printed."""


@contextmanager
def served(pages: Pages, port: int) -> Iterator[None]:
    """Serve them on a port of this machine until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, pages))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
