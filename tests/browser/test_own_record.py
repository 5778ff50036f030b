"""The third door: a visitor sees, takes away and erases what is recorded of them (Chromium)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
from playwright.sync_api import expect

from tests.browser.test_axe import finds_nothing
from tests.browser.visitor import NOTHING_KEPT

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator

    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Site
    from tests.browser.visitor import Visitor


def door(visitor: Visitor) -> Locator:
    """Find the third door."""
    return visitor.banner.locator("[data-record]")


def fetched(visitor: Visitor) -> list[str]:
    """List the code that was fetched for it."""
    return [each.url for each in visitor.requests if ".record.js" in each.url]


def answered(visit: Visits, site: Site) -> Visitor:
    """Give somebody who has refused, and then agreed to one purpose."""
    visitor = visit(site, "en")
    visitor.arrives(site.home("en"))
    visitor.presses("refuse_all")
    visitor.receipt()
    visitor.presses("open")
    visitor.switch("video").check()
    visitor.presses("save")
    visitor.sees("closed")
    visitor.receipt()
    return visitor


def test_who_has_not_answered_fetches_nothing_of_it(visit: Visits, cubalys: Site) -> None:
    visitor = visit(cubalys, "en")
    visitor.arrives(cubalys.home("en"))
    visitor.presses("choose")
    visitor.sees("second_layer")
    visitor.waits()
    assert fetched(visitor) == []
    expect(door(visitor)).to_have_count(0)


def test_it_shows_every_answer_newest_first_and_gives_them_away(
    visit: Visits, cubalys: Site, tmp_path: Path
) -> None:
    visitor = answered(visit, cubalys)
    visitor.presses("open")
    door(visitor).locator("[data-do=show]").click()
    items = door(visitor).locator("li")
    expect(items).to_have_count(2)
    film = cubalys.title("video", "en")
    expect(items.first).to_contain_text(f"{film} – Yes")
    expect(items.last).to_contain_text(f"{film} – No")
    link = items.first.locator("a")
    expect(link).to_have_attribute("href", f"{cubalys.server}/v1/receipts/{visitor.receipt()}")
    assert visitor.focused == "h3"
    finds_nothing(visitor.page)
    with visitor.page.expect_download() as download:
        door(visitor).locator("[data-do=export]").click()
    file = tmp_path / "record.json"
    download.value.save_as(file)
    told = json.loads(file.read_text("utf-8"))
    assert [one["action"] for one in told["decisions"]] == ["save", "refuse_all"]
    # Opened and closed again, it is fetched no second time.
    visitor.presses("close")
    visitor.presses("open")
    expect(door(visitor)).to_have_count(1)
    assert len(fetched(visitor)) == 1


def test_erasing_asks_first_and_then_nothing_is_left_on_either_side(
    visit: Visits, cubalys: Site
) -> None:
    visitor = answered(visit, cubalys)
    secret = visitor.memory[1]
    visitor.presses("open")
    door(visitor).locator("[data-do=show]").click()
    erase = door(visitor).locator("[data-do=erase]")
    erase.click()
    expect(door(visitor)).to_contain_text("Press again")
    assert visitor.memory[1] == secret
    erase.click()
    expect(door(visitor)).to_contain_text("Erased.")
    expect(erase).to_have_count(0)
    assert visitor.cookies == {}
    assert visitor.kept_on_device == NOTHING_KEPT
    told = httpx.post(
        f"{cubalys.server}/v1/sites/{cubalys.id}/record",
        json={"visitor": secret, "do": "show"},
        headers={"Origin": cubalys.origin},
        trust_env=False,
    )
    assert told.json()["decisions"] == []
    # Asked as at the first visit.
    visitor.presses("close")
    visitor.sees("first_layer")


def test_with_the_server_away_the_second_layer_is_whole_without_it(
    visit: Visits, cubalys: Site
) -> None:
    visitor = visit(cubalys, "en")
    visitor.expects("ERR_FAILED", "Failed to fetch", "CORS")
    visitor.arrives(cubalys.home("en"))
    visitor.presses("accept_all")
    visitor.sees("closed")
    visitor.page.route("**/*.record.js*", lambda route: route.abort())
    visitor.presses("open")
    visitor.sees("second_layer")
    visitor.waits()
    expect(door(visitor)).to_have_count(0)
    visitor.presses("refuse_all")
    visitor.sees("closed")


def test_without_an_answer_of_the_server_it_says_so(visit: Visits, cubalys: Site) -> None:
    visitor = answered(visit, cubalys)
    visitor.expects("ERR_FAILED", "Failed to fetch", "CORS", "429", "record")
    visitor.page.route("**/record", lambda route: route.fulfill(status=429, body="{}"))
    visitor.presses("open")
    door(visitor).locator("[data-do=show]").click()
    expect(door(visitor)).to_contain_text("The server does not answer.")
