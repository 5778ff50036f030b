"""A visitor with a browser of their own: what they see, and what the browser does meanwhile."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

import httpx
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Collection

    from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Request

    from tests.browser.demonstration import Site

# Time for what must not happen to happen: a page's own timers tick every half second.
A_WHILE: Final = 700
# "Sent at once" on an idle machine; this one runs other tests beside.
SOON: Final = 10.0
_STAND_INS: Final = {
    "analytics": "/stand-in/analytics.js",
    "advertising": "/stand-in/pixel.gif",
    "video": "/stand-in/video",
}
_KEPT_ON_DEVICE: Final = """async () => ({
  local: Object.keys(localStorage),
  session: Object.keys(sessionStorage),
  databases: (await indexedDB.databases()).map(({ name }) => name),
  caches: await caches.keys(),
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""
_FOCUSED: Final = """() => {
  let found = document.activeElement
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement
  return found?.dataset.action || found?.name || found?.localName || ''
}"""
NOTHING_KEPT: Final = {"local": [], "session": [], "databases": [], "caches": [], "workers": 0}


def body_of(request: Request) -> Any:
    """Give what a request sent, read as JSON."""
    return json.loads(request.post_data or "null")


class Visitor:
    """One person on one site; every complaint of the browser is kept against us."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.context = context
        self.site = site
        self.requests: list[Request] = []
        self.complaints: list[str] = []
        self._expected: list[str] = []
        context.on("request", lambda request: self.requests.append(request))
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.page = context.new_page()

    def _hear(self, message: ConsoleMessage) -> None:
        # Chromium reports a breach of the page's policy here too, as an error.
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.text} ({message.location})")

    def expects(self, *complaints: str) -> None:
        """Name the complaints that the test brings about itself."""
        self._expected.extend(complaints)

    @property
    def unexpected(self) -> list[str]:
        """List what the browser complained of."""
        return [
            said
            for said in self.complaints
            if not any(expected in said for expected in self._expected)
        ]

    # ------------------------------------------------------------------ what is seen

    @property
    def banner(self) -> Locator:
        """The region that asks."""
        return self.page.locator("consent-banner [part=banner]")

    def button(self, action: str) -> Locator:
        """One of the banner's buttons."""
        return self.page.locator(f"consent-banner [data-action={action}]")

    def switch(self, purpose: str) -> Locator:
        """One of the second layer's switches."""
        return self.page.locator(f"consent-banner input[name={purpose}]")

    def purpose(self, purpose: str) -> Locator:
        """Find what the second layer says of a purpose, its switch in it."""
        return self.page.locator(f"consent-banner .purpose:has(input[name={purpose}])")

    @property
    def allow(self) -> Locator:
        """The button that stands where a film is held back."""
        return self.page.locator("consent-placeholder [data-action=allow]")

    def sees(self, view: str) -> None:
        """Wait until the banner shows a layer, or is closed."""
        expect(self.banner).to_have_attribute("data-view", view)

    def sees_lit(self, *purposes: str) -> None:
        """Wait until exactly these stand-ins of the page have run."""
        for lamp in self.page.locator("[data-lamp]").all():
            lit = lamp.get_attribute("data-lamp") in purposes
            has = expect(lamp).to_have_class if lit else expect(lamp).not_to_have_class
            has(re.compile(r"\blit\b"))
        assert self.fired <= set(purposes)

    # ------------------------------------------------------------------ what is done

    def goes_to(self, address: str) -> None:
        """Open a page and wait for all of it."""
        self.page.goto(address, wait_until="load")

    def arrives(self, address: str, *, asked: bool = True) -> None:
        """Open a page and wait for the banner to ask, or to know that it need not."""
        self.goes_to(address)
        self.sees("first_layer" if asked else "closed")

    def presses(self, action: str) -> None:
        """Press one of the banner's buttons."""
        self.button(action).click()

    def tabs_to(self, wanted: str, within: int = 40, *, key: str = "Tab") -> None:
        """Press Tab until something has the focus: an action, a switch or a kind of element."""
        passed = []
        for _ in range(within):
            self.page.keyboard.press(key)
            if self.focused == wanted:
                return
            passed.append(self.focused)
        raise AssertionError(f"{wanted} is not reached by {key}: {passed}")

    def waits(self) -> None:
        """Let pass the time in which anything unwanted would happen."""
        self.page.wait_for_timeout(A_WHILE)

    # ------------------------------------------------------------------ what is there

    @property
    def focused(self) -> str:
        """Name what has the focus, in a shadow root too."""
        return str(self.page.evaluate(_FOCUSED))

    @property
    def fired(self) -> set[str]:
        """Name the stand-ins that have run on this page."""
        said = self.page.locator("html").get_attribute("data-fired") or ""
        return set(said.split())

    @property
    def asked_for(self) -> set[str]:
        """Name the stand-ins that the network was asked for, ever."""
        paths = {urlsplit(request.url).path for request in self.requests}
        return {purpose for purpose, path in _STAND_INS.items() if path in paths}

    @property
    def sent(self) -> list[Request]:
        """List everything that went to the server, but for its scripts."""
        script = self.site.script().split("?")[0]
        scripts = {script, script.removesuffix(".js") + ".record.js"}
        return [
            request
            for request in self.requests
            if request.url.startswith(self.site.server)
            and request.url.split("?")[0] not in scripts
        ]

    @property
    def cookies(self) -> dict[str, Any]:
        """Give every cookie of this browser by its name."""
        return {str(each["name"]): each for each in self.context.cookies()}

    def keeps_cookies(self, names: Collection[str]) -> None:
        """Wait until the browser has exactly these cookies."""
        deadline = time.monotonic() + SOON
        while set(self.cookies) != set(names) and time.monotonic() < deadline:
            self.page.wait_for_timeout(20)
        assert set(self.cookies) == set(names)

    @property
    def kept_on_device(self) -> Any:
        """Give what every other store of the browser holds for this site."""
        return self.page.evaluate(_KEPT_ON_DEVICE)

    @property
    def memory(self) -> list[str]:
        """Give the parts of our cookie: format, visitor, decision, time, receipt, answers."""
        return unquote(str(self.cookies["consent"]["value"])).split("~")

    @property
    def answers(self) -> dict[str, str]:
        """Give the answers that this device remembers, as their letters."""
        return {said.split("-", 1)[1]: said[0] for said in self.memory[5:]}

    def receipt(self) -> str:
        """Wait until the server has answered; gives the receipt's name."""
        deadline = time.monotonic() + SOON
        while not self.memory[4]:
            assert time.monotonic() < deadline, f"no receipt in {SOON} s"
            self.page.wait_for_timeout(20)
        return self.memory[4]

    def decision(self) -> Any:
        """Ask the server for the decision behind this browser's receipt."""
        answer = httpx.get(
            f"{self.site.server}/v1/receipts/{self.receipt()}",
            headers={"Accept": "application/json"},
            trust_env=False,
        )
        return self.site.get(f"/v1/decisions/{answer.json()['decision']}")
