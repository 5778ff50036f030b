"""A website made for a test: the page is the test's own, the banner is the server's."""

from __future__ import annotations

import json
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from consent_server.demo.sites import read_organisation
from consent_server.organisations.document import document_as_json
from tests.browser.demonstration import Site

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.demonstration import Demonstration

BANNER = "<!-- the banner -->"
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Trial</title>
<link rel="icon" href="data:,">{head}</head><body><h1>Trial</h1>{body}</body></html>"""


class Trials:
    """Serves the tests' own pages, each website on a name of its own under localhost."""

    def __init__(self, demonstration: Demonstration) -> None:
        self._demonstration = demonstration
        self._pages: dict[tuple[str, str], str] = {}
        self._sites: dict[str, Site] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def site(self, name: str, change: Callable[[dict[str, Any]], object]) -> Site:
        """Make an organisation like the first demonstration's, changed; once for each name."""
        if name not in self._sites:
            self._sites[name] = self._make(name, change)
        return self._sites[name]

    def put(self, site: Site, head: str, body: str = "", path: str = "/") -> str:
        """Put a page on a site; gives its address. `BANNER` stands for the banner's line."""
        line = f'<script src="{site.script("en")}" async></script>'
        page = _PAGE.format(head=head, body=body).replace(BANNER, line)
        self._pages[site.slug, path] = page
        return site.origin + path

    def _make(self, name: str, change: Callable[[dict[str, Any]], object]) -> Site:
        origin = f"http://{name}.localhost:{self._server.server_port}"
        document = document_as_json(read_organisation("cubalys", origin=origin))
        document["organisation"]["slug"] = name
        change(document)
        deployment = self._demonstration.deployment
        # JSON is YAML, quoted throughout.
        file = deployment.data / f"{name}.yaml"
        file.write_text(json.dumps(document), "utf-8")
        done = deployment.run("organisations", "apply", str(file))
        assert done.returncode == 0, done.stderr
        listed = deployment.run("sites", "list", "--organisation", name, "--json")
        assert listed.returncode == 0, listed.stderr
        (site,) = json.loads(listed.stdout)
        return Site(name, origin, deployment.base_url, site["id"], "", {})

    def _handler(trials) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - self is the request's
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.headers["Host"].partition(".localhost")[0]
                page = trials._pages.get((name, self.path))
                self.send_response(HTTPStatus.OK if page else HTTPStatus.NOT_FOUND)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write((page or "").encode())

            def log_message(self, *_: object) -> None:
                """Say nothing: the tests say what they saw."""

        return Handler
