"""Taking an answer back is as easy as giving it, and takes its cookies along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.demonstration import TRACKERS

if TYPE_CHECKING:
    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Site
    from tests.browser.visitor import Visitor


def agreed(visit: Visits, site: Site) -> Visitor:
    """Give somebody who has accepted everything."""
    visitor = visit(site)
    visitor.arrives(site.film())
    visitor.presses("accept_all")
    visitor.sees_lit(*TRACKERS)
    visitor.keeps_cookies({"consent", *site.cookies(*TRACKERS)})
    visitor.receipt()
    return visitor


def test_the_reopen_button_shows_the_answers_that_stand(cubalys: Site, visit: Visits) -> None:
    visitor = visit(cubalys)
    visitor.arrives(cubalys.home())
    visitor.presses("choose")
    visitor.switch("advertising").check()
    visitor.presses("save")
    receipt = visitor.receipt()
    visitor.arrives(cubalys.home(), asked=False)
    visitor.presses("open")
    visitor.sees("second_layer")
    shown = {purpose: visitor.switch(purpose).is_checked() for purpose in TRACKERS}
    assert shown == {"analytics": False, "advertising": True, "video": False}
    link = visitor.banner.locator("a[href*=receipts]")
    assert link.get_attribute("href") == f"{cubalys.server}/v1/receipts/{receipt}"


def test_withdrawing_deletes_the_cookies_and_stops_the_next_page(
    site: Site, visit: Visits
) -> None:
    visitor = agreed(visit, site)
    first = visitor.decision()
    visitor.presses("open")
    visitor.presses("refuse_all")
    visitor.sees("closed")
    visitor.keeps_cookies({"consent"})
    assert visitor.page.locator("iframe.screen").get_attribute("src") is None
    assert visitor.allow.is_visible()

    record = visitor.decision()
    assert record["action"] == "withdraw_all"
    assert record["standing"] == dict.fromkeys(TRACKERS, "withdrawn")
    assert record["previous"] == first["id"]
    answer = site.ask({"visitor": visitor.memory[1]}, "analytics")
    assert (answer["allowed"], answer["because"]) == (False, "withdrawn")

    visitor.requests.clear()
    visitor.arrives(site.film(), asked=False)
    visitor.waits()
    visitor.sees_lit()
    assert visitor.asked_for == set()
    assert set(visitor.cookies) == {"consent"}


def test_withdrawing_one_purpose_deletes_its_cookies_and_no_others(
    cubalys: Site, visit: Visits
) -> None:
    visitor = agreed(visit, cubalys)
    visitor.presses("open")
    visitor.switch("analytics").uncheck()
    visitor.presses("save")
    visitor.sees("closed")
    visitor.keeps_cookies({"consent", *cubalys.cookies("advertising", "video")})
    record = visitor.decision()
    assert record["standing"] == {
        "analytics": "withdrawn",
        "advertising": "granted",
        "video": "granted",
    }
    visitor.arrives(cubalys.film(), asked=False)
    visitor.sees_lit("advertising", "video")


def test_taking_back_takes_as_many_presses_as_giving(cubalys: Site, visit: Visits) -> None:
    visitor = agreed(visit, cubalys)
    # One press gave; the button that opens is always there, and one press takes back.
    assert visitor.button("open").is_visible()
    visitor.presses("open")
    visitor.presses("refuse_all")
    visitor.sees("closed")
    visitor.presses("open")
    visitor.presses("accept_all")
    visitor.sees_lit(*TRACKERS)
    assert visitor.decision()["action"] == "accept_all"


def test_escape_leaves_the_second_layer_without_choosing(cubalys: Site, visit: Visits) -> None:
    visitor = agreed(visit, cubalys)
    before = visitor.memory
    visitor.presses("open")
    visitor.sees("second_layer")
    visitor.switch("video").uncheck()
    visitor.page.keyboard.press("Escape")
    visitor.sees("closed")
    visitor.waits()
    assert visitor.memory == before
    assert len(visitor.sent) == 1
    visitor.presses("open")
    assert visitor.switch("video").is_checked()
    visitor.presses("close")
    visitor.sees("closed")
    assert visitor.memory == before


def test_another_tab_learns_of_it_when_it_is_looked_at(cubalys: Site, visit: Visits) -> None:
    visitor = visit(cubalys)
    visitor.arrives(cubalys.home())
    other = visitor.context.new_page()
    other.goto(cubalys.home())
    other.locator("consent-banner [data-action=refuse_all]").click()
    visitor.receipt()
    # A headless browser never hides a tab: the page is told as a browser would tell it.
    visitor.page.evaluate("() => void document.dispatchEvent(new Event('visibilitychange'))")
    visitor.sees("closed")
    assert len(visitor.sent) == 1
