"""The demonstration, running: server, worker and both websites, as `consent demo run` has them.

On SQLite only: a browser sees what HTTP gives it, and that the doors answer alike on both
engines is shown where each door is tested, without a browser.
"""

from __future__ import annotations

import json
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import httpx

from consent_server.demo.sites import ORGANISATIONS, SLUGS, read_organisation
from tests.support.server import Deployment, DidNotStartError, Process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.databases import Database

HOME = {"fr": "/", "en": "/en/"}
FILM = {
    "cubalys": {"fr": "/demonstration", "en": "/en/demonstration"},
    "hebergis": {"fr": "/visite", "en": "/en/tour"},
}
PRIVACY = {"fr": "/confidentialite", "en": "/en/privacy"}
TRACKERS = ("analytics", "advertising", "video")


@dataclass(frozen=True)
class Site:
    """One demonstration website, and the organisation whose it is."""

    slug: str
    origin: str
    server: str
    id: str
    key: str
    told: dict[str, Any]

    def home(self, lang: str = "fr") -> str:
        """Give the address of the first page."""
        return self.origin + HOME[lang]

    def film(self, lang: str = "fr") -> str:
        """Give the address of the page with the film."""
        return self.origin + FILM[self.slug][lang]

    def privacy(self, lang: str = "fr") -> str:
        """Give the address of the page about data."""
        return self.origin + PRIVACY[lang]

    def script(self, lang: str = "fr") -> str:
        """Give the address of the banner."""
        return f"{self.server}/w/{self.id}.js?lang={lang}"

    def cookies(self, *purposes: str) -> set[str]:
        """Name the cookies that the trackers of these purposes declare."""
        document = read_organisation(self.slug, origin=self.origin)
        return {
            cookie.name
            for tracker in document.trackers
            if set(purposes) & set(tracker.purposes)
            for cookie in tracker.cookies
        }

    def title(self, purpose: str, lang: str = "fr") -> str:
        """Give a purpose's title as the banner shows it."""
        document = read_organisation(self.slug, origin=self.origin)
        return next(each.title[lang] for each in document.purposes if each.slug == purpose)

    def get(self, path: str) -> Any:
        """Ask the API with the organisation's key."""
        return self._call("GET", path)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Tell the API something with the organisation's key."""
        return self._call("POST", path, json=body)

    def ask(self, subject: dict[str, str], purpose: str) -> Any:
        """Ask the lookup."""
        return self.post("/v1/permissions", {"subject": subject, "purpose": purpose})

    def _call(self, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.key}", "Accept": "application/json"}
        answer = httpx.request(
            method, self.server + path, headers=headers, trust_env=False, timeout=20, **more
        )
        assert answer.is_success, answer.text
        return answer.json()


class Demonstration:
    """Everything that a visitor meets; the server alone may be taken away for a while."""

    def __init__(self, database: Database, data: Path) -> None:
        self.deployment = Deployment(database, data)
        self._sites: Process | None = None
        self._replaced: dict[tuple[str, str], str] = {}

    def __enter__(self) -> Self:
        done = self.deployment.run("demo", "load", "--no-past")
        assert done.returncode == 0, done.stderr
        self._sites = Process(
            "demo",
            "sites",
            environment=self.deployment.environment,
            log=self.deployment.data / "sites.log",
        )
        self.deployment.start()
        for place in range(len(SLUGS)):
            self._wait_for_site(self.deployment.port + 1 + place)
        return self

    def __exit__(self, *_: object) -> None:
        self.deployment.kill()
        if self._sites is not None:
            self._sites.kill()

    @property
    def server(self) -> str:
        """Give the server's own address."""
        return self.deployment.base_url

    def site(self, slug: str) -> Site:
        """Give one of the two websites."""
        file = self.deployment.data / "demo.json"
        organisations = json.loads(file.read_text("utf-8"))["organisations"]
        told = organisations[SLUGS.index(slug)]
        (site, *_) = told["sites"]
        return Site(slug, site["origin"], self.server, site["id"], told["api_key"], told)

    @contextmanager
    def without_server(self) -> Iterator[None]:
        """Kill the server; it is back, and ready, when the block ends."""
        assert self.deployment.server is not None
        self.deployment.server.kill()
        try:
            yield
        finally:
            self.deployment.start_server()
            self.deployment.wait_until_ready()

    def apply(self, site: Site, old: str, new: str) -> Any:
        """Change words of the organisation's file, and put it in force by command line."""
        text = (ORGANISATIONS / f"{site.slug}.yaml").read_text("utf-8")
        # Whatever was changed before stays changed: nobody waits for it to be undone.
        self._replaced[site.slug, old] = new
        for (slug, each), other in self._replaced.items():
            if slug == site.slug:
                assert text.count(each) == 1, f"{each!r} is there {text.count(each)} times"
                text = text.replace(each, other)
        file = self.deployment.data / f"{site.slug}.yaml"
        file.write_text(text, "utf-8")
        words = ("organisations", "apply", str(file), "--set", f"SITE_ORIGIN={site.origin}")
        done = self.deployment.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def _wait_for_site(self, port: int, within: float = 30) -> None:
        assert self._sites is not None
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if not self._sites.running():
                raise DidNotStartError(self._sites.last_words())
            with suppress(httpx.TransportError):
                if httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).is_success:
                    return
            time.sleep(0.05)
        raise DidNotStartError(f"no website on port {port} in {within} s")
