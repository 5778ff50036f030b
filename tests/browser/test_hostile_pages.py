"""A page that is against us, or merely clumsy: no tracker runs unasked, nothing of ours breaks.

Tests 76, 77 and 79 of the security plan. Trackers here are scripts of the page's own that call
`trap` with their purpose.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.browser.demonstration import TRACKERS
from tests.browser.own_page import OLDER, TRAP, embed, held, serve

if TYPE_CHECKING:
    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Site
    from tests.browser.visitor import Visitor

# Names that an element may take away from the document, or from the window, by its own.
OURS: Final = ("consent", "documentElement", "currentScript", "head", "hidden")
NEEDED: Final = (
    "body",
    "cookie",
    "createElement",
    "querySelectorAll",
    "addEventListener",
    "baseURI",
    "activeElement",
    "readyState",
    "visibilityState",
    "location",
    "localStorage",
    "crypto",
    "fetch",
    "trustedTypes",
    "MutationObserver",
)
UNSAFE: Final = (
    "javascript:trap('address')",
    " javascript:trap('address')",
    "java\nscript:trap('address')",
    "JaVaScRiPt:trap('address')",
    "data:text/javascript,trap('address')",
    "data:text/html,<script>parent.trap('address')</script>",
    "blob:http://cubalys.localhost/0",
    "vbscript:trap",
    "about:srcdoc",
    "file:///etc/passwd",
    "//",
    "http://",
)
TRACKED: Final = "".join(held(purpose, f"trap('{purpose}')") for purpose in TRACKERS)
BANNER: Final = "consent-banner [part=banner]"


def comes_to(visitor: Visitor, head: str = "", body: str = "", **more: Any) -> None:
    """Open a page of the test's own, with three trackers held back, traps set."""
    visitor.page.add_init_script(TRAP)
    head += embed(visitor.site.script())
    address = serve(
        visitor.context, visitor.site.origin, head=head, body=body + TRACKED, **more
    )
    visitor.goes_to(address)


def trapped(visitor: Visitor) -> list[str]:
    """Name what has run."""
    found: list[str] = visitor.page.evaluate("() => window.trapped")
    return found


def failed(visitor: Visitor) -> list[str]:
    """Give the errors that nobody caught."""
    found: list[str] = visitor.page.evaluate("() => window.failed ?? []")
    return found


def waits_for(visitor: Visitor, *what: str) -> None:
    """Wait until exactly these have run."""
    deadline = time.monotonic() + 10
    while sorted(trapped(visitor)) != sorted(what) and time.monotonic() < deadline:
        visitor.page.wait_for_timeout(20)
    assert sorted(trapped(visitor)) == sorted(what)


@pytest.mark.parametrize(
    "markup", ["<img name={0} alt=''>", "<form id={0} name={0}><input name=style></form>"]
)
@pytest.mark.parametrize("name", OURS)
def test_77_an_element_named_like_ours_changes_nothing(
    cubalys: Site, visit: Visits, name: str, markup: str
) -> None:
    visitor = visit(cubalys)
    comes_to(visitor, body=markup.format(name))
    visitor.sees("first_layer")
    visitor.waits()
    assert trapped(visitor) == []
    visitor.presses("accept_all")
    visitor.sees("closed")
    waits_for(visitor, *TRACKERS)
    assert visitor.decision()["action"] == "accept_all"
    assert failed(visitor) == []


@pytest.mark.parametrize("name", NEEDED)
def test_77_an_element_that_takes_what_we_need_lets_no_tracker_run(
    cubalys: Site, visit: Visits, name: str
) -> None:
    visitor = visit(cubalys)
    comes_to(visitor, body=f"<form id={name} name={name}></form><img name={name} alt=''>")
    visitor.waits()
    assert trapped(visitor) == []
    assert failed(visitor) == []
    assert visitor.page.locator("#here").is_visible()


@pytest.mark.parametrize("address", UNSAFE)
def test_77_an_address_that_is_not_the_webs_is_never_opened(
    cubalys: Site, visit: Visits, address: str
) -> None:
    marked = f'data-purpose=video data-src="{address}" onerror="trap(1)"'
    body = (
        f'<script type="text/plain" data-purpose="analytics" data-src="{address}"></script>'
        f'<iframe {marked} title="Film"></iframe><img {marked} alt="">'
    )
    visitor = visit(cubalys)
    comes_to(visitor, body=body)
    visitor.presses("accept_all")
    waits_for(visitor, *TRACKERS)
    visitor.waits()
    assert sorted(trapped(visitor)) == sorted(TRACKERS)
    opened = (
        "() => [...document.querySelectorAll('iframe, img')].filter(({ src }) => src).length"
    )
    assert visitor.page.evaluate(opened) == 0
    assert [each.url for each in visitor.requests if "passwd" in each.url] == []


def test_77_what_is_let_go_brings_no_handler_along(cubalys: Site, visit: Visits) -> None:
    body = (
        '<script type="text/plain" data-purpose="analytics" data-src="/mark.svg?x"'
        " onerror=\"trap('onerror')\" onload=\"trap('onload')\"></script>"
        '<script type="text/plain" data-purpose="analytics" srcdoc="<b>" data-type="text/plain"'
        " onfocus=\"trap('onfocus')\">trap('never')</script>"
    )
    visitor = visit(cubalys)
    visitor.expects("MIME type", "Failed to load")
    comes_to(visitor, body=body)
    visitor.presses("accept_all")
    waits_for(visitor, *TRACKERS)
    visitor.waits()
    assert sorted(trapped(visitor)) == sorted(TRACKERS)


def test_77_buttons_that_look_like_ours_decide_nothing(cubalys: Site, visit: Visits) -> None:
    body = """
      <consent-banner class="base bar" part="banner" data-view="first_layer">
        <section part="banner" class="base bar" data-view="first_layer">
          <button class="choice accept_all" part="choice accept_all" data-action="accept_all"
            type="button" id="fake">Tout accepter</button>
        </section>
      </consent-banner>
      <div part="placeholder"><button data-action="allow" id="other">Autoriser</button></div>"""
    visitor = visit(cubalys)
    comes_to(visitor, body=body)
    visitor.page.locator("#here").wait_for()
    visitor.waits()
    for fake in ("#fake", "#other"):
        visitor.page.evaluate("id => document.querySelector(id).click()", fake)
    visitor.waits()
    assert trapped(visitor) == []
    assert visitor.cookies == {}
    assert visitor.sent == []


_ID: Final = "A" * 22
POLLUTING: Final = (
    f"1~{_ID}~{_ID}~zzzzzz~r~g1-__proto__~g1-constructor~g1-prototype",
    f"1~{_ID}~~zzzzzz~~g1-__proto__.granted~g99-toString~g9-valueOf",
    "__proto__~__proto__~__proto__",
    '{"__proto__":{"analytics":"granted"}}',
    f"1~{_ID}~~0~~g1-analytics",
    f"2~{_ID}~{_ID}~zzzzzz~~g1-analytics~g1-advertising~g1-video",
    "%%%",
    "1~" + "~" * 3000,
    f"1~{_ID}~~zzzzzz~~" + "~".join(f"g1-{'a' * 60}{n}" for n in range(40)),
)
_POLLUTED: Final = """() => ({
  own: Object.getOwnPropertyNames(Object.prototype).length,
  granted: [({}).granted, ({}).analytics, ([]).granted, (() => {}).granted, ({}).version],
})"""


@pytest.mark.parametrize("value", POLLUTING, ids=range(len(POLLUTING)))
def test_76_a_cookie_that_is_not_ours_is_no_answer_and_poisons_nothing(
    cubalys: Site, visit: Visits, value: str
) -> None:
    visitor = visit(cubalys)
    # The earlier decision that such a cookie names is unknown to the server.
    visitor.expects("the server responded with a status of 409")
    visitor.page.add_init_script(f"try {{ document.cookie = 'consent={value}' }} catch {{}}")
    comes_to(visitor)
    visitor.waits()
    before = visitor.page.evaluate("() => Object.getOwnPropertyNames(Object.prototype).length")
    assert trapped(visitor) == []
    assert visitor.page.evaluate(_POLLUTED) == {"own": before, "granted": [None] * 5}
    visitor.sees("first_layer")
    visitor.presses("refuse_all")
    visitor.sees("closed")
    assert trapped(visitor) == []
    assert failed(visitor) == []


@pytest.mark.parametrize(
    "kept",
    [
        '[{"__proto__":{"granted":true},"id":"x"}]',
        '{"__proto__":[1]}',
        '[{"id":{"toString":1}},null,7,"x",[]]',
        "[[[[",
        '"' + "x" * 100_000 + '"',
    ],
)
def test_76_a_store_that_is_not_ours_is_read_without_harm(
    cubalys: Site, visit: Visits, kept: str
) -> None:
    visitor = visit(cubalys)
    visitor.expects("the server responded with a status of 4")
    visitor.page.add_init_script(
        f"try {{ localStorage.setItem('consent.unsent', {kept!r}) }} catch {{}}"
    )
    comes_to(visitor)
    visitor.sees("first_layer")
    visitor.presses("refuse_all")
    visitor.sees("closed")
    assert visitor.answers == dict.fromkeys(TRACKERS, "r")
    visitor.waits()
    assert trapped(visitor) == []
    assert failed(visitor) == []


@pytest.mark.parametrize(
    "more",
    [
        "?lang=<img src=x onerror=trap(1)>&consent=accept_all&analytics=granted",
        "?__proto__[analytics]=granted&constructor[prototype][granted]=1",
        "#accept_all",
        "#consent=<svg onload=trap(1)>&javascript:trap(2)",
        "?consent-debug=<script>trap(1)</script>",
    ],
)
def test_76_an_address_a_name_and_a_message_decide_nothing(
    cubalys: Site, visit: Visits, more: str
) -> None:
    visitor = visit(cubalys)
    visitor.page.add_init_script(
        "window.name = 'accept_all'; window.consent = { granted: () => 1 }"
    )
    comes_to(visitor)
    visitor.page.goto(visitor.page.url + more)
    visitor.sees("first_layer")
    shout = """() => {
      for (const said of ['accept_all', { action: 'accept_all' }, { type: 'consent:change' }])
        postMessage(said, '*')
      for (const type of ['consent:change', 'consent:ready', 'consent:decision'])
        document.dispatchEvent(new CustomEvent(type, { detail: { analytics: 'granted' } }))
    }"""
    visitor.page.evaluate(shout)
    visitor.waits()
    visitor.sees("first_layer")
    assert trapped(visitor) == []
    assert visitor.sent == []
    assert visitor.cookies == {}


STRICT: Final = (
    "script-src 'nonce-{nonce}' 'strict-dynamic'; require-trusted-types-for 'script';"
    " style-src 'nonce-{nonce}'; object-src 'none'; base-uri 'none'"
)


@pytest.mark.parametrize("browser_has", ["", OLDER], ids=["a sanitizer", "none"])
@pytest.mark.parametrize("action", ["accept_all", "refuse_all"])
def test_79_a_strict_policy_is_never_broken(
    cubalys: Site, visit: Visits, action: str, browser_has: str
) -> None:
    nonce = "4f2a9c"
    visitor = visit(cubalys)
    visitor.page.add_init_script(browser_has)
    # `trap` is set up by the browser, which no policy binds; the trackers carry the nonce.
    visitor.page.add_init_script(TRAP)
    note = "addEventListener('securitypolicyviolation', e => trap(e.violatedDirective))"
    visitor.page.add_init_script(note)
    scripts = "".join(
        f'<script type="text/plain" nonce={nonce} data-purpose={each}>trap("{each}")</script>'
        for each in TRACKERS
    )
    address = serve(
        visitor.context,
        cubalys.origin,
        head=embed(cubalys.script(), f"nonce={nonce} async"),
        body=f'{scripts}<iframe data-purpose=video data-src="/mark.svg" title=Film></iframe>'
        + held("analytics", "trap('without a nonce')"),
        headers={"Content-Security-Policy": STRICT.format(nonce=nonce)},
    )
    visitor.arrives(address)
    visitor.presses("choose")
    visitor.sees("second_layer")
    for summary in visitor.banner.locator("summary").all():
        summary.click()
    visitor.presses(action)
    visitor.sees("closed")
    waits_for(visitor, *(TRACKERS if action == "accept_all" else ()))
    visitor.presses("open")
    visitor.sees("second_layer")
    visitor.presses("close")
    visitor.waits()
    waits_for(visitor, *(TRACKERS if action == "accept_all" else ()))
    styled = visitor.banner.evaluate("element => getComputedStyle(element).position")
    assert styled == "fixed"
    assert visitor.decision()["action"] == action
