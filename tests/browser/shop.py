"""A site whose trackers carry no mark, and the rest of the web around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.elsewhere import Elsewhere, chromium
from tests.support import databases
from tests.support.running import FOLDER, settled
from tests.support.server import Deployment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

SHOP = "shop.localhost"
SETTINGS = "    banner: {auto_block: true, network_guard: true, debug: true}\n"
TRACKERS = """trackers:
  - slug: youtube
    name: YouTube
    provider: Google
    country: US
    safeguard: scc
    privacy_url: https://policies.google.com/privacy
    purposes: [video]
  - slug: digiteka
    name: Digiteka
    provider: Digiteka
    country: FR
    safeguard: none_needed_eu
    privacy_url: https://www.digiteka.com/privacy
    purposes: [video]
  - slug: maps
    name: Plans
    provider: Google
    country: US
    safeguard: scc
    privacy_url: https://policies.google.com/privacy
    purposes: [video]
    hosts: [www.google.com/maps]
  - slug: hotjar
    name: Hotjar
    provider: Hotjar
    country: MT
    safeguard: none_needed_eu
    privacy_url: https://www.hotjar.com/legal/policies/privacy/
    purposes: [analytics]
"""


@dataclass
class Shop:
    """A site of an organisation, its pages, and the rest of the web."""

    elsewhere: Elsewhere
    script: str
    origin: str
    # The line for the head, as the server tells it.
    head: str
    hash: str

    def opens(
        self,
        page: Page,
        body: str,
        *,
        head: str = "",
        query: str = "",
        asked: bool = True,
        policy: str = "",
    ) -> None:
        """Serve a page with the banner and open it."""
        self.elsewhere.calls.clear()
        self.elsewhere.policies[f"{SHOP}/"] = policy
        nonce = "nonce=R4nd0m" if policy else ""
        self.elsewhere.pages[f"{SHOP}/"] = lambda: (
            f"<!doctype html><html lang=fr><head><meta charset=utf-8>"
            f"<meta name=viewport content='width=device-width'><title>Shop</title>{head}"
            f"<script {nonce} src='{self.script}' async></script></head>"
            f"<body>{body}</body></html>"
        )
        page.goto(f"{self.origin}/{query}", wait_until="load")
        banner = page.locator("consent-banner [part=banner]")
        expect(banner).to_have_attribute("data-view", "first_layer" if asked else "closed")

    def others(self) -> set[str]:
        """Name the hosts called that are not the site's own."""
        return {call.split("/", 1)[0] for call in self.elsewhere.calls} - {SHOP}


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[Elsewhere]:
    """Give the rest of the web."""
    with Elsewhere().running() as running:
        yield running


@pytest.fixture(scope="session")
def web(browser: Browser, elsewhere: Elsewhere) -> Iterator[Browser]:
    """Give a Chromium that knows nothing else."""
    with chromium(browser, elsewhere) as launched:
        yield launched


@pytest.fixture(scope="session")
def shop(
    run_folder: Path, tmp_path_factory: pytest.TempPathFactory, elsewhere: Elsewhere
) -> Iterator[Shop]:
    """Give a site that declares well-known services."""
    data = tmp_path_factory.mktemp("shop")
    file = data / "shop.yaml"
    text = (FOLDER / "cubalys.yaml").read_text("utf-8")
    text = text.replace("\ntrackers:\n", f"\n{TRACKERS}", 1)
    text = text.replace("    scope: www\n", f"    scope: www\n{SETTINGS}", 1)
    file.write_text(text, "utf-8")
    origin = f"http://{SHOP}:{elsewhere.port}"
    with (
        databases.fresh("sqlite", run_folder, data) as database,
        Deployment(database, data) as deployment,
        settled(deployment, file=file, origin=origin) as running,
    ):
        base = deployment.base_url
        told = httpx.get(f"{base}/v1/sites/{running.site}/experience", trust_env=False)
        head = told.json()["head"]
        script = f"{base}/w/{running.site}.js?lang=fr"
        yield Shop(elsewhere, script, origin, head["line"], head["hash"])


@pytest.fixture
def page(web: Browser) -> Iterator[Page]:
    """Give somebody's first visit."""
    context = web.new_context(locale="fr-FR", viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()
