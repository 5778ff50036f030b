"""Pages that live: several tabs, going back, routes without loads, browsers that keep nothing.

Test 84 of the security plan. Every profile here is a private window already: nothing of it is
ever written to a disk.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, Final

import pytest
from playwright.sync_api import expect

from tests.browser.demonstration import TRACKERS
from tests.browser.own_page import TRAP, embed, held, serve
from tests.browser.test_hostile_pages import failed, trapped, waits_for
from tests.browser.test_server_gone import NOBODY, unsent
from tests.browser.visitor import Visitor

if TYPE_CHECKING:
    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Demonstration, Site

DAY: Final = 86_400_000
HOUR: Final = 3600
_TRACKED: Final = "".join(held(each, f"trap('{each}')") for each in TRACKERS)
_NO_STORE: Final = """
const get = () => { throw new DOMException('no', 'SecurityError') }
for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])
  Object.defineProperty(window, name, { get })
"""
_FULL: Final = """() => {
  for (let size = 1 << 20; size > 0; size >>= 1)
    try { for (let n = 0; ; n += 1) localStorage.setItem(`${size}-${n}`, 'x'.repeat(size)) }
    catch {}
}"""
_LOOKED_AT_AGAIN: Final = "() => document.dispatchEvent(new Event('visibilitychange'))"


def second_tab(visitor: Visitor) -> Visitor:
    """Open another tab of the same browser."""
    other = Visitor.__new__(Visitor)
    other.__dict__.update(visitor.__dict__)
    other.page = visitor.context.new_page()
    return other


@pytest.mark.parametrize("action", ["accept_all", "refuse_all"])
def test_84_tabs_are_in_step(cubalys: Site, visit: Visits, action: str) -> None:
    one = visit(cubalys)
    other = second_tab(one)
    one.arrives(cubalys.film())
    other.arrives(cubalys.home())
    one.page.bring_to_front()
    one.presses(action)
    one.sees("closed")
    one.receipt()
    other.page.bring_to_front()
    other.page.evaluate(_LOOKED_AT_AGAIN)
    other.sees("closed")
    lit = ("analytics", "advertising") if action == "accept_all" else ()
    for purpose in lit:
        expect(other.page.locator("html")).to_have_attribute("data-fired", _word(purpose))
    assert len(one.sent) == 1

    other.presses("open")
    other.presses("refuse_all")
    other.sees("closed")
    one.page.bring_to_front()
    one.page.evaluate(_LOOKED_AT_AGAIN)
    one.keeps_cookies({"consent"})
    assert one.answers == dict.fromkeys(TRACKERS, "r")


def _word(purpose: str) -> Any:
    return re.compile(rf"\b{purpose}\b")


@pytest.mark.parametrize("second", ["fr", "en"])
def test_84_two_copies_of_the_script_ask_once_and_record_once(
    cubalys: Site, visit: Visits, second: str
) -> None:
    visitor = visit(cubalys)
    visitor.page.add_init_script(TRAP)
    head = embed(cubalys.script()) + embed(cubalys.script(second))
    visitor.arrives(serve(visitor.context, cubalys.origin, head=head, body=_TRACKED))
    visitor.waits()
    assert visitor.page.locator("consent-banner").count() == 1
    visitor.presses("accept_all")
    waits_for(visitor, *TRACKERS)
    visitor.receipt()
    visitor.waits()
    assert sorted(trapped(visitor)) == sorted(TRACKERS)
    assert len(visitor.sent) == 1


def test_84_where_cookies_are_forbidden_the_answer_holds_for_the_page(
    cubalys: Site, visit: Visits
) -> None:
    visitor = visit(cubalys)
    session = visitor.context.new_cdp_session(visitor.page)
    session.send("Emulation.setDocumentCookieDisabled", {"disabled": True})
    visitor.page.add_init_script(TRAP)
    visitor.arrives(
        serve(visitor.context, cubalys.origin, head=embed(cubalys.script()), body=_TRACKED)
    )
    visitor.presses("accept_all")
    visitor.sees("closed")
    waits_for(visitor, *TRACKERS)
    visitor.waits()
    assert len(visitor.sent) == 1
    visitor.page.reload()
    visitor.sees("first_layer")
    visitor.waits()
    assert trapped(visitor) == []
    visitor.presses("refuse_all")
    visitor.sees("closed")
    visitor.waits()
    assert trapped(visitor) == []
    assert failed(visitor) == []


def test_84_in_a_frame_that_may_keep_nothing_nothing_breaks(
    cubalys: Site, visit: Visits
) -> None:
    visitor = visit(cubalys)
    visitor.expects("CORS", "net::ERR_FAILED", "the server responded with a status of 403")
    visitor.page.add_init_script(TRAP)
    headers = {"Content-Security-Policy": "sandbox allow-scripts"}
    address = serve(
        visitor.context,
        cubalys.origin,
        head=embed(cubalys.script()),
        body=_TRACKED,
        headers=headers,
    )
    visitor.arrives(address)
    assert trapped(visitor) == []
    visitor.presses("refuse_all")
    visitor.sees("closed")
    visitor.waits()
    assert trapped(visitor) == []
    assert failed(visitor) == []


def test_84_with_storage_forbidden_a_choice_is_kept_and_sent(
    cubalys: Site, visit: Visits
) -> None:
    visitor = visit(cubalys)
    visitor.page.add_init_script(_NO_STORE)
    visitor.arrives(cubalys.film())
    visitor.presses("accept_all")
    visitor.sees_lit(*TRACKERS)
    assert visitor.decision()["action"] == "accept_all"
    visitor.arrives(cubalys.home(), asked=False)
    visitor.sees_lit("analytics", "advertising")


def test_84_with_storage_full_a_choice_made_without_a_server_is_still_sent(
    demonstration: Demonstration, cubalys: Site, visit: Visits
) -> None:
    visitor = visit(cubalys)
    visitor.expects(NOBODY)
    visitor.arrives(cubalys.home())
    visitor.page.evaluate(_FULL)
    with demonstration.without_server():
        visitor.presses("refuse_all")
        visitor.sees("closed")
        visitor.waits()
        assert unsent(visitor) == []
        assert visitor.answers == dict.fromkeys(TRACKERS, "r")
    visitor.page.evaluate("() => dispatchEvent(new Event('online'))")
    assert visitor.decision()["action"] == "refuse_all"


def test_a_page_that_throws_the_banner_away_is_asked_no_twice(
    cubalys: Site, visit: Visits
) -> None:
    visitor = visit(cubalys)
    visitor.page.add_init_script(TRAP)
    visitor.arrives(
        serve(visitor.context, cubalys.origin, head=embed(cubalys.script()), body=_TRACKED)
    )
    # As a framework does that takes the whole body for its own.
    visitor.page.evaluate("() => document.body.replaceChildren('new page')")
    visitor.waits()
    assert trapped(visitor) == []
    assert visitor.cookies == {}
    assert failed(visitor) == []


_OLD: Final = """
for (const name of ['MutationObserver', 'ResizeObserver', 'trustedTypes', 'AbortSignal',
  'CSSStyleSheet', 'BroadcastChannel', 'requestIdleCallback', 'scheduler', 'navigation'])
  delete window[name]
delete Document.prototype.adoptedStyleSheets
delete ShadowRoot.prototype.adoptedStyleSheets
"""


def test_an_older_browser_is_asked_all_the_same(cubalys: Site, visit: Visits) -> None:
    visitor = visit(cubalys)
    visitor.page.add_init_script(TRAP + _OLD)
    visitor.goes_to(
        serve(visitor.context, cubalys.origin, head=embed(cubalys.script()), body=_TRACKED)
    )
    visitor.waits()
    assert trapped(visitor) == []
    assert failed(visitor) == []


@pytest.mark.parametrize(
    "gone", ["Map", "Promise", "fetch", "crypto", "URL", "customElements", "Symbol"]
)
def test_a_very_old_browser_is_not_harmed_and_nothing_is_tracked(
    cubalys: Site, visit: Visits, gone: str
) -> None:
    visitor = visit(cubalys)
    visitor.page.add_init_script(TRAP + f"Object.defineProperty(window, '{gone}', {{}})")
    visitor.goes_to(
        serve(visitor.context, cubalys.origin, head=embed(cubalys.script()), body=_TRACKED)
    )
    time.sleep(0.5)
    assert trapped(visitor) == []
    assert failed(visitor) == []
    assert visitor.page.locator("#here").is_visible()


@pytest.mark.parametrize("days", [-9000, -400, -1])
def test_84_after_a_no_a_clock_that_is_late_asks_no_more_often(
    cubalys: Site, visit: Visits, days: int
) -> None:
    visitor = visit(cubalys)
    skew = f"""
      const now = Date.now
      Date.now = () => now() + {days * DAY}
      const Plain = Date
      window.Date = class extends Plain {{
        constructor(...said) {{ said.length ? super(...said) : super(now() + {days * DAY}) }}
        static now() {{ return now() + {days * DAY} }}
      }}"""
    visitor.page.add_init_script(skew)
    visitor.arrives(cubalys.film())
    visitor.presses("refuse_all")
    visitor.sees("closed")
    visitor.sees_lit()
    assert visitor.decision()["action"] == "refuse_all"
    # The moment that counts is the server's, whatever this device took it for.
    assert abs(int(visitor.memory[3], 36) - time.time()) < HOUR
    visitor.arrives(cubalys.film(), asked=False)
    visitor.waits()
    visitor.sees_lit()
    assert len(visitor.sent) == 1
    visitor.page = visitor.context.new_page()
    visitor.arrives(cubalys.film(), asked=False)
