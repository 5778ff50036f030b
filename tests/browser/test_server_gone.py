"""The server is away: the page works, nothing fires unasked, no choice is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from tests.browser.demonstration import TRACKERS
from tests.browser.visitor import NOTHING_KEPT

if TYPE_CHECKING:
    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Demonstration, Site
    from tests.browser.visitor import Visitor

# What a browser says when it finds nobody, or when a line is cut.
NOBODY = "net::ERR_CONNECTION_"


def unsent(visitor: Visitor) -> list[Any]:
    """Give the decisions that wait on this device."""
    said = visitor.page.evaluate("() => localStorage.getItem('consent.unsent')")
    waiting: list[Any] = json.loads(said or "[]")
    return waiting


def test_with_the_server_dead_the_page_works_and_the_trackers_stay_off(
    demonstration: Demonstration, cubalys: Site, visit: Visits
) -> None:
    visitor = visit(cubalys)
    visitor.expects(NOBODY)
    with demonstration.without_server():
        visitor.goes_to(cubalys.home())
        film = cubalys.film().removeprefix(cubalys.origin)
        visitor.page.locator(f"nav a[href='{film}']").click()
        expect(visitor.page.locator("h1")).to_be_visible()
        expect(visitor.page.locator(".held")).to_be_visible()
        visitor.waits()
        assert visitor.page.locator("consent-banner").count() == 0
        visitor.sees_lit()
        assert visitor.asked_for == set()
        assert visitor.cookies == {}
        assert visitor.kept_on_device == NOTHING_KEPT
    visitor.arrives(cubalys.film())


def test_a_choice_made_while_the_server_is_dead_counts_at_once_and_is_sent_later(
    demonstration: Demonstration, cubalys: Site, visit: Visits
) -> None:
    visitor = visit(cubalys)
    visitor.expects(NOBODY)
    visitor.arrives(cubalys.film())
    with demonstration.without_server():
        visitor.presses("accept_all")
        visitor.sees("closed")
        visitor.sees_lit(*TRACKERS)
        visitor.presses("open")
        visitor.switch("video").uncheck()
        visitor.presses("save")
        # The script comes out of the browser's cache: the next page still knows the answer.
        visitor.arrives(cubalys.home(), asked=False)
        visitor.sees_lit("analytics", "advertising")
        assert [each["action"] for each in unsent(visitor)] == ["accept_all", "save"]
        assert visitor.memory[4] == ""
    visitor.arrives(cubalys.film(), asked=False)
    visitor.sees_lit("analytics", "advertising")

    record = visitor.decision()
    assert record["choices"] == {
        "analytics": "granted",
        "advertising": "granted",
        "video": "refused",
    }
    assert record["decided_at"] < record["recorded_at"]
    first = cubalys.get(f"/v1/decisions/{record['previous']}")
    assert first["choices"] == dict.fromkeys(TRACKERS, "granted")
    assert first["action"] == "accept_all"
    assert unsent(visitor) == []


def test_a_choice_made_offline_is_sent_when_the_line_is_back(
    cubalys: Site, visit: Visits
) -> None:
    visitor = visit(cubalys)
    visitor.expects("net::ERR_INTERNET_DISCONNECTED")
    visitor.arrives(cubalys.home())
    visitor.context.set_offline(True)
    visitor.presses("refuse_all")
    visitor.sees("closed")
    # Stored when the frame is over.
    visitor.page.wait_for_function("() => localStorage.getItem('consent.unsent')")
    assert len(unsent(visitor)) == 1
    visitor.context.set_offline(False)
    assert visitor.decision()["action"] == "refuse_all"
    assert unsent(visitor) == []


def test_a_choice_that_leaves_the_page_in_the_same_moment_is_kept_and_sent(
    cubalys: Site, visit: Visits
) -> None:
    visitor = visit(cubalys)
    visitor.arrives(cubalys.home())
    with visitor.page.expect_navigation():
        visitor.page.evaluate("to => { consent.refuse(); location.href = to }", cubalys.film())
    visitor.sees_lit()
    assert visitor.decision()["action"] == "refuse_all"
    assert unsent(visitor) == []


def test_an_answer_that_is_lost_on_its_way_is_not_recorded_twice(
    cubalys: Site, visit: Visits
) -> None:
    visitor = visit(cubalys)
    visitor.expects("net::ERR_FAILED")
    reached: list[int] = []

    def lose_the_first(route: Any) -> None:
        answer = route.fetch()
        reached.append(answer.status)
        if len(reached) == 1:
            route.abort()
        else:
            route.fulfill(response=answer)

    visitor.page.route("**/v1/sites/*/decisions", lose_the_first)
    visitor.arrives(cubalys.home())
    before = len(events(cubalys))
    visitor.presses("accept_all")
    record = visitor.decision()
    assert reached == [201, 201]
    assert record["choices"] == dict.fromkeys(TRACKERS, "granted")
    visitor.waits()
    assert len(events(cubalys)) - before == len(TRACKERS)


def events(site: Site) -> list[Any]:
    """Read the organisation's whole feed, but for what it says of notices."""
    found: list[Any] = []
    after = 0
    while page := site.get(f"/v1/events?after={after}&limit=1000")["events"]:
        found += [event for event in page if event["decision"]]
        after = page[-1]["seq"]
    return found
