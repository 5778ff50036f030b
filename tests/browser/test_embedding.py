"""docs/embedding.md, tried: each recipe is taken out of the document and driven in Chromium."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.test_axe import finds_nothing
from tests.browser.visitor import SOON
from tests.support.recipes import recipes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.sync_api import Route

    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Site
    from tests.browser.visitor import Visitor

RECIPES: Final = recipes("embedding.md")
SERVER: Final = "https://consent.example"
LINE: Final = '<script src="https://consent.example/w/site_XXXX.js?lang=en" async></script>'
NONCE: Final = '<script nonce="R4nd0m" '
TRACKERS: Final = {"tracker.example", "www.googletagmanager.com"}
PATH: Final = "/recipe"
# What the trackers of the recipes answer; Google's stand-in says what it finds in its layer.
ANSWERS: Final = {
    "/count.js": ("text/javascript", "window.loaded = true"),
    "/gtm.js": (
        "text/javascript",
        "window.started = dataLayer.some(({ event }) => event === 'gtm.js')\n"
        "dataLayer.push = (said) => { (window.heard ??= []).push(said) }",
    ),
    "/fonts.css": ("text/css", "body { outline-style: dashed }"),
    "/film": ("text/html", "<!doctype html><title>Film</title><p>The film</p>"),
    "/pixel.gif": ("image/gif", "GIF89a"),
}


class Page:
    """A page of the demonstration's site that holds a recipe and nothing else."""

    def __init__(self, visitor: Visitor, files: Mapping[str, str], policy: str = "") -> None:
        self.visitor = visitor
        self.page = visitor.page
        self.called: list[str] = []
        site = visitor.site
        self._server = serving(
            {f"{PATH}/{name}": placed(text, site) for name, text in files.items()}, policy
        )
        self.page.route(f"{site.origin}{PATH}/**", self._serve)
        self.page.route(lambda url: urlsplit(url).hostname in TRACKERS, self._track)
        self.visitor.arrives(f"{site.origin}{PATH}/")

    def _serve(self, route: Route) -> None:
        # The browser is to find it at the site's origin, and on a real network: what a test
        # makes up comes from an address space unknown to it, and may not ask our server.
        parts = urlsplit(route.request.url)
        route.continue_(url=f"http://127.0.0.1:{self._server.server_port}{parts.path}")

    def _track(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        self.called.append(path)
        kind, body = ANSWERS[path]
        route.fulfill(
            body=body, content_type=kind, headers={"Access-Control-Allow-Origin": "*"}
        )

    def said(self, name: str) -> Any:
        """Give a property of the page's window."""
        return self.page.evaluate(f"() => window.{name}")

    def becomes_true(self, name: str) -> None:
        """Wait until a property of the page's window is true."""
        deadline = time.monotonic() + SOON
        # Asked from here: a page's policy would stop a question that waits in the page.
        while self.said(name) is not True:
            assert time.monotonic() < deadline, f"{name} is {self.said(name)}"
            self.page.wait_for_timeout(20)


def serving(files: Mapping[str, str], policy: str) -> ThreadingHTTPServer:
    """Serve files by their paths, any other path being the page itself."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script = self.path.endswith(".js")
            body = files.get(self.path, files[f"{PATH}/"]).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if script else "text/html")
            self.send_header("Content-Length", str(len(body)))
            if policy:
                self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def placed(text: str, site: Site) -> str:
    """Put a running server where a recipe names one."""
    return text.replace("site_XXXX", site.id).replace(SERVER, site.server)


def page_of(*parts: str) -> dict[str, str]:
    """Make a whole page around fragments of markup."""
    body = "\n".join(parts)
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>A page</title>'
    return {"": f"{head}\n{body}</html>"}


@pytest.fixture
def visitor(cubalys: Site, visit: Visits) -> Visitor:
    """Let somebody come."""
    return visit(cubalys, "en")


def test_before_and_after_the_choice_every_mark_does_what_the_document_says(
    visitor: Visitor,
) -> None:
    page = Page(visitor, page_of(LINE, RECIPES["marks"]))
    visitor.waits()
    assert page.called == []
    assert page.said("counted") is None
    expect(visitor.allow).to_be_visible()
    visitor.presses("accept_all")
    visitor.sees("closed")
    page.becomes_true("loaded")
    page.becomes_true("counted")
    expect(page.page.frame_locator("iframe").locator("p")).to_have_text("The film")
    expect(page.page.locator("body")).to_have_css("outline-style", "dashed")
    page.page.wait_for_load_state("networkidle")
    assert set(page.called) == {"/count.js", "/film", "/pixel.gif", "/fonts.css"}
    page.page.get_by_role("button", name="My choices").click()
    visitor.sees("second_layer")


def test_after_a_refusal_no_mark_lets_anything_through(visitor: Visitor) -> None:
    page = Page(visitor, page_of(LINE, RECIPES["marks"]))
    visitor.presses("refuse_all")
    visitor.sees("closed")
    visitor.receipt()
    visitor.waits()
    assert page.called == []
    assert page.said("counted") is None


def test_the_plain_page_is_whole_as_it_stands(visitor: Visitor) -> None:
    page = Page(visitor, {"": RECIPES["plain"]})
    assert page.called == []
    visitor.presses("accept_all")
    page.becomes_true("loaded")
    visitor.receipt()


def test_the_tag_manager_is_fetched_after_the_yes_and_hears_of_changes(
    visitor: Visitor,
) -> None:
    page = Page(visitor, page_of(LINE, RECIPES["tag-manager"]))
    visitor.waits()
    assert page.called == []
    visitor.presses("choose")
    visitor.switch("analytics").check()
    visitor.presses("save")
    page.becomes_true("started")
    assert page.called == ["/gtm.js"]
    visitor.presses("open")
    visitor.switch("advertising").check()
    visitor.presses("save")
    visitor.sees("closed")
    (heard,) = [said for said in page.said("heard") if said.get("event") == "site_choice"]
    assert heard["consent"]["advertising"] == "granted"
    assert heard["consent"]["video"] == "refused"


def test_the_tag_manager_is_never_fetched_after_a_no(visitor: Visitor) -> None:
    page = Page(visitor, page_of(LINE, RECIPES["tag-manager"]))
    visitor.presses("refuse_all")
    visitor.receipt()
    visitor.waits()
    assert page.called == []


def test_what_the_wordpress_snippet_puts_out_is_held_and_let_go(visitor: Visitor) -> None:
    page = Page(visitor, page_of(RECIPES["wordpress"]))
    visitor.waits()
    assert page.called == []
    visitor.presses("accept_all")
    page.becomes_true("loaded")
    expect(page.page.frame_locator("iframe").locator("p")).to_have_text("The film")


def test_csp_the_recipe_breaks_no_rule_of_its_own_policy(visitor: Visitor) -> None:
    name, _, policy = RECIPES["policy"].partition(": ")
    assert name == "Content-Security-Policy"
    files = page_of(RECIPES["nonces"])
    page = Page(visitor, files, placed(policy, visitor.site))
    visitor.presses("accept_all")
    page.becomes_true("loaded")
    page.becomes_true("counted")
    expect(page.page.frame_locator("iframe").locator("p")).to_have_text("The film")
    visitor.receipt()


def test_csp_a_marked_script_without_the_nonce_is_not_run(visitor: Visitor) -> None:
    policy = placed(RECIPES["policy"].partition(": ")[2], visitor.site)
    injected = RECIPES["nonces"].replace('nonce="R4nd0m" type=', "type=")
    page = Page(visitor, page_of(injected), policy)
    visitor.presses("accept_all")
    visitor.receipt()
    visitor.waits()
    assert page.called == ["/film"]
    assert page.said("counted") is None


@pytest.mark.parametrize("policy", [False, True], ids=["any page", "strict"])
def test_the_declaration_stands_in_the_page_and_opens_the_choices(
    visitor: Visitor, *, policy: bool
) -> None:
    recipe, line, rules = RECIPES["declaration"], LINE, ""
    if policy:
        rules = placed(RECIPES["policy"].partition(": ")[2], visitor.site)
        recipe, line = (each.replace("<script ", NONCE) for each in (recipe, line))
    page = Page(visitor, page_of(line, f"<main><h1>Privacy</h1>{recipe}</main>"), rules)
    place = page.page.locator("[data-consent-declaration]")
    expect(place.locator("section")).to_have_count(4)
    told = visitor.page.request.get(
        f"{visitor.site.server}/v1/sites/{visitor.site.id}/experience?lang=en"
    ).json()
    for tracker in told["trackers"]:
        row = place.get_by_role("row").filter(has_text=tracker["provider"]).first
        expect(row).to_contain_text(tracker["name"])
        for cookie in tracker["cookies"]:
            expect(row.locator("code", has_text=cookie["name"]).first).to_be_visible()
    # The link for people without JavaScript has made room.
    expect(place.locator("a[href*='/n/']")).to_have_count(0)
    finds_nothing(page.page)
    place.get_by_role("button").click()
    visitor.sees("second_layer")
    assert page.called == []


# An application of a few lines that changes its address without loading a page, as routers
# do; React itself is not at hand where this runs.
_APPLICATION: Final = """<div id=app></div>
<a id=film href=film>Film</a> <a id=home href=./>Home</a>
<script type=module>
  import { granted, subscribe } from '/recipe/consent.js'
  const app = document.getElementById('app')
  let before
  function draw() {
    const now = [location.pathname, granted('analytics')].join(' ')
    if (now === before) return
    before = now
    window.views = (window.views ?? 0) + 1
    window.counting = granted('analytics')
    app.innerHTML = location.pathname.endsWith('film')
      ? '<div><iframe data-purpose=video title=Film' +
        ' data-src="https://tracker.example/film"></iframe></div>'
      : '<p>Home</p>'
  }
  for (const link of document.querySelectorAll('a'))
    link.onclick = () => (history.pushState(null, '', link.href), draw(), false)
  window.stop = subscribe(draw)
  addEventListener('popstate', draw)
  draw()
</script>"""


def test_a_single_page_application_is_followed_from_route_to_route(visitor: Visitor) -> None:
    files = {**page_of(LINE, _APPLICATION), "consent.js": RECIPES["consent.js"]}
    page = Page(visitor, files)
    page.page.locator("#film").click()
    expect(visitor.allow).to_be_visible()
    page.page.locator("#home").click()
    expect(visitor.allow).to_have_count(0)
    assert page.said("counting") is False
    visitor.presses("accept_all")
    visitor.sees("closed")
    page.becomes_true("counting")
    page.page.locator("#film").click()
    expect(page.page.frame_locator("iframe").locator("p")).to_have_text("The film")
    assert page.called == ["/film"]
    page.page.evaluate("() => { window.views = 0; window.stop() }")
    page.page.evaluate("() => consent.refuse()")
    visitor.waits()
    assert page.said("views") == 0
    assert page.page.locator("iframe").get_attribute("src") is None


def test_the_react_recipe_uses_nothing_but_the_part_that_is_tried() -> None:
    text = RECIPES["react"]
    assert "import { granted, subscribe } from './consent.js'" in text
    assert "useSyncExternalStore(subscribe, () => granted(purpose), () => false)" in text
