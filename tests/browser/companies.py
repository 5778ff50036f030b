"""Stand-ins for other companies' tags: each hears its queue as the real one does.

What is heard is kept in `window.heard`, in its order, as lists. A page is made of what the
companies ask sites to paste: a stub that queues, then the script's address.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Request, Route

    from tests.browser.visitor import Visitor

# By host: what the company's script does when it has loaded.
_SCRIPTS: Final = {
    "tags.google.test": """
      const hear = (said) => heard.google.push([...said])
      dataLayer.filter((one) => one.length).forEach(hear)
      dataLayer.push = (...all) => all.filter((one) => one.length).forEach(hear)""",
    "bat.microsoft.test": """
      const flat = [...uetq]
      while (flat.length) heard.uet.push(flat.splice(0, flat[0] === 'consent' ? 3 : 1))
      window.uetq = { push: (...said) => heard.uet.push(said) }""",
    "clarity.microsoft.test": """
      clarity.q.forEach((said) => heard.clarity.push([...said]))
      window.clarity = (...said) => heard.clarity.push(said)""",
    "events.meta.test": """
      fbq.callMethod = (...said) => heard.meta.push(said)
      fbq.queue.forEach((said) => fbq.callMethod(...said))""",
    "matomo.test": """
      _paq.forEach((said) => heard.matomo.push(said))
      window._paq = { push: (...all) => all.forEach((said) => heard.matomo.push(said)) }""",
    "piano.test": """
      heard.piano.push([window.pdl?.requireConsent, window.pdl?.consent.defaultPreset.PA])
      pianoQueue.forEach((said) => heard.piano.push(said))
      window.pianoQueue = { push: (said) => heard.piano.push(said) }""",
}
# What each company asks a site to paste, before its script.
_STUBS: Final = {
    "tags.google.test": """
      window.dataLayer = window.dataLayer || []
      function gtag() { dataLayer.push(arguments) }
      gtag('js', new Date()); gtag('config', 'G-1')""",
    "bat.microsoft.test": "window.uetq = window.uetq || []; uetq.push('pageLoad')",
    "clarity.microsoft.test": """
      window.clarity = window.clarity || function () {
        (clarity.q = clarity.q || []).push(arguments)
      }
      clarity('start')""",
    "events.meta.test": """
      !function () {
        if (window.fbq) return
        const fbq = window.fbq = function () {
          fbq.callMethod ? fbq.callMethod(...arguments) : fbq.queue.push(arguments)
        }
        fbq.queue = []
      }()
      fbq('init', '1'); fbq('track', 'PageView')""",
    "matomo.test": "window._paq = window._paq || []; _paq.push(['trackPageView'])",
    "piano.test": "window.pianoQueue = window.pianoQueue || []; pianoQueue.push(['sendEvent'])",
}
COMPANIES: Final = ("google", "uet", "clarity", "meta", "matomo", "piano")
PURPOSES: Final = dict(
    zip(
        _STUBS,
        ("analytics", "advertising", "analytics", "advertising", "analytics", "analytics"),
        strict=True,
    )
)
RECORDER: Final = (
    "<script>window.heard = {" + ",".join(f"{name}: []" for name in COMPANIES) + "}</script>"
)


def tags(*, held: bool) -> str:
    """Write every company's tag, held back until its purpose is granted or running at once."""
    written = []
    for host, stub in _STUBS.items():
        mark = f'type="text/plain" data-purpose="{PURPOSES[host]}"' if held else ""
        address = "data-src" if held else "src"
        written.append(f"<script {mark}>{stub}</script>")
        written.append(f'<script {mark} {address}="https://{host}/tag.js"></script>')
    return "".join(written)


def answer(visitor: Visitor) -> list[str]:
    """Answer for every company; gives the list to which each address asked for is added."""
    asked: list[str] = []

    def serve(route: Route, request: Request) -> None:
        asked.append(request.url)
        host = urlsplit(request.url).netloc
        if request.resource_type == "script":
            body = f"(() => {{{_SCRIPTS.get(host, '')}\n}})()"
            route.fulfill(body=body, content_type="text/javascript")
        else:
            route.fulfill(body="<p>a player</p>", content_type="text/html")

    visitor.context.route(re.compile("^https://"), serve)
    return asked


def heard(visitor: Visitor) -> dict[str, list[list[Any]]]:
    """Give what every company has heard so far, in its order."""
    said: dict[str, list[list[Any]]] = visitor.page.evaluate("window.heard")
    return said
