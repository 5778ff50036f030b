"""A choice: what it lights up, what it leaves on the device, what reaches the database."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.demonstration import TRACKERS
from tests.browser.visitor import NOTHING_KEPT

if TYPE_CHECKING:
    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Site

DAY = 86_400


def test_after_a_yes_the_stand_ins_run_and_the_decision_is_in_the_database(
    site: Site, visit: Visits
) -> None:
    visitor = visit(site)
    visitor.arrives(site.film())
    visitor.presses("accept_all")
    visitor.sees("closed")
    visitor.sees_lit(*TRACKERS)
    visitor.keeps_cookies({"consent", *site.cookies(*TRACKERS)})
    assert visitor.page.frame_locator("iframe.screen").locator("button").is_visible()

    record = visitor.decision()
    assert record["action"] == "accept_all"
    assert record["choices"] == dict.fromkeys(TRACKERS, "granted")
    assert (record["door"], record["surface"]) == ("banner", "first_layer")
    assert (record["language"], record["site"]) == ("fr", site.id)
    assert record["notice_version"] == site.get("/v1/notices/site-banner")["version"]
    for purpose in TRACKERS:
        answer = site.ask({"visitor": visitor.memory[1]}, purpose)
        assert (answer["allowed"], answer["because"]) == (True, "consent")
    assert len(visitor.sent) == 1
    assert visitor.kept_on_device == NOTHING_KEPT


def test_after_a_yes_the_next_page_runs_them_without_asking(site: Site, visit: Visits) -> None:
    visitor = visit(site)
    visitor.arrives(site.home())
    visitor.presses("accept_all")
    visitor.receipt()
    visitor.arrives(site.film(), asked=False)
    visitor.sees_lit(*TRACKERS)
    assert len(visitor.sent) == 1


def test_after_a_no_there_is_the_choices_cookie_and_the_decision_and_nothing_else(
    site: Site, visit: Visits
) -> None:
    visitor = visit(site, "en")
    visitor.arrives(site.film("en"))
    visitor.presses("refuse_all")
    visitor.sees("closed")
    record = visitor.decision()
    assert record["action"] == "refuse_all"
    assert record["choices"] == dict.fromkeys(TRACKERS, "refused")
    assert record["language"] == "en"
    assert site.ask({"visitor": visitor.memory[1]}, "analytics")["because"] == "refused"

    visitor.arrives(site.home("en"), asked=False)
    visitor.arrives(site.film("en"), asked=False)
    visitor.waits()
    visitor.sees_lit()
    assert visitor.asked_for == set()
    assert set(visitor.cookies) == {"consent"}
    assert visitor.kept_on_device == NOTHING_KEPT
    (sent,) = visitor.sent
    assert (sent.method, sent.url) == ("POST", f"{site.server}/v1/sites/{site.id}/decisions")
    assert "cookie" not in sent.all_headers()
    assert "referer" not in sent.all_headers()


def test_the_cookie_of_a_choice_is_ours_alone_and_ends_after_six_months(
    cubalys: Site, visit: Visits
) -> None:
    lifetimes = []
    for action in ("accept_all", "refuse_all"):
        visitor = visit(cubalys)
        visitor.arrives(cubalys.home())
        visitor.presses(action)
        visitor.receipt()
        kept = visitor.cookies["consent"]
        assert (kept["domain"], kept["path"]) == ("cubalys.localhost", "/")
        assert kept["sameSite"] == "Lax"
        lifetimes.append((kept["expires"] - time.time()) / DAY)
    # A no is remembered for as long as a yes.
    assert all(180.9 <= days <= 184.1 for days in lifetimes)
    assert abs(lifetimes[0] - lifetimes[1]) < 1


def test_each_purpose_is_answered_by_itself(site: Site, visit: Visits) -> None:
    visitor = visit(site)
    visitor.arrives(site.film())
    visitor.presses("choose")
    visitor.switch("analytics").check()
    visitor.presses("save")
    visitor.sees("closed")
    visitor.sees_lit("analytics")
    assert visitor.answers == {"analytics": "g", "advertising": "r", "video": "r"}
    visitor.keeps_cookies({"consent", *site.cookies("analytics")})

    record = visitor.decision()
    assert (record["action"], record["surface"]) == ("save", "second_layer")
    assert record["choices"] == {
        "analytics": "granted",
        "advertising": "refused",
        "video": "refused",
    }
    visitor.waits()
    assert visitor.asked_for == {"analytics"}


def test_the_film_can_be_allowed_where_it_would_be(cubalys: Site, visit: Visits) -> None:
    visitor = visit(cubalys)
    visitor.arrives(cubalys.film())
    visitor.presses("refuse_all")
    visitor.receipt()
    visitor.allow.click()
    visitor.sees_lit("video")
    assert visitor.answers == {"analytics": "r", "advertising": "r", "video": "g"}
    visitor.keeps_cookies({"consent", *cubalys.cookies("video")})
    record = visitor.decision()
    assert (record["action"], record["surface"]) == ("save", "placeholder")
    assert record["choices"]["video"] == "granted"
    assert record["previous"]


def test_before_the_first_choice_the_films_button_asks_for_all_of_it(
    cubalys: Site, visit: Visits
) -> None:
    visitor = visit(cubalys)
    visitor.arrives(cubalys.film())
    visitor.allow.click()
    visitor.sees("second_layer")
    expect(visitor.switch("video")).to_be_focused()
    assert not visitor.switch("video").is_checked()
    assert visitor.asked_for == set()


def test_two_clicks_on_a_choice_are_one_decision(cubalys: Site, visit: Visits) -> None:
    visitor = visit(cubalys)
    visitor.arrives(cubalys.home())
    visitor.button("accept_all").dblclick()
    visitor.receipt()
    visitor.waits()
    assert len(visitor.sent) == 1
    assert set(visitor.answers.values()) == {"g"}
