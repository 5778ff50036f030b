"""Whatever the server does, the page is usable within a second and no tracker runs unasked.

Test 82 of the security plan; the server that is killed and comes back is in test_server_gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from playwright.sync_api import expect

from tests.browser.demonstration import PRIVACY, TRACKERS
from tests.browser.own_page import TRAP, embed, held, serve
from tests.browser.visitor import NOTHING_KEPT
from tests.browser.weather import COMPLAINTS, WEATHER, calm, expired, storm

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Site
    from tests.browser.visitor import Visitor

SCRIPT: Final = "**/w/*.js*"
DECISIONS: Final = "**/v1/sites/*/decisions"
_READY: Final = """() =>
  performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"""


def is_usable(visitor: Visitor) -> None:
    """See that the page was there within a second, and that its links are followed."""
    assert 0 < visitor.page.evaluate(_READY) <= 1000
    visitor.page.locator(f"footer a[href='{PRIVACY['fr']}']").click()
    expect(visitor.page).to_have_url(visitor.site.privacy())
    expect(visitor.page.locator("h1")).to_be_visible()


@pytest.mark.parametrize("kind", WEATHER)
def test_82_without_our_script_the_page_is_usable_and_the_trackers_are_off(
    cubalys: Site, visit: Visits, kind: str
) -> None:
    visitor = visit(cubalys)
    visitor.expects(*COMPLAINTS)
    storm(visitor.context, SCRIPT, kind)
    # Not until `load`, which waits for every script of the page, the silent ones too.
    visitor.page.goto(cubalys.film(), wait_until="domcontentloaded")
    expect(visitor.page.locator("h1")).to_be_visible()
    visitor.waits()
    assert visitor.asked_for == set()
    is_usable(visitor)
    assert visitor.page.locator("consent-banner").count() == 0
    visitor.sees_lit()
    assert visitor.cookies == {}
    assert visitor.kept_on_device == NOTHING_KEPT

    calm(visitor.context, SCRIPT)
    visitor.arrives(cubalys.film())


def test_82_with_an_expired_certificate_the_page_is_usable_and_the_trackers_are_off(
    cubalys: Site, visit: Visits, tmp_path: Path
) -> None:
    visitor = visit(cubalys)
    visitor.expects("net::ERR_CERT_")
    visitor.page.add_init_script(TRAP)
    with expired(tmp_path) as server:
        body = "".join(held(each, f"trap('{each}')") for each in TRACKERS)
        head = embed(f"{server}/w/{cubalys.id}.js")
        visitor.goes_to(serve(visitor.context, cubalys.origin, head=head, body=body))
        visitor.waits()
        assert visitor.page.evaluate(_READY) <= 1000
        assert visitor.page.evaluate("() => window.trapped") == []
        assert visitor.cookies == {}
    assert any("ERR_CERT_" in said for said in visitor.complaints)


# An answer to a decision is read whatever its type is called, and believed if it is ours.
@pytest.mark.parametrize("kind", [kind for kind in WEATHER if kind != "wrong type"])
def test_82_what_was_chosen_counts_at_once_and_is_sent_when_the_weather_is_better(
    cubalys: Site, visit: Visits, kind: str
) -> None:
    visitor = visit(cubalys)
    visitor.expects(*COMPLAINTS)
    visitor.arrives(cubalys.film())
    storm(visitor.context, DECISIONS, kind)
    visitor.presses("choose")
    visitor.switch("analytics").check()
    visitor.presses("save")
    visitor.sees("closed")
    visitor.sees_lit("analytics")
    assert visitor.answers == {"analytics": "g", "advertising": "r", "video": "r"}
    visitor.waits()
    is_usable(visitor)
    visitor.sees("closed")
    visitor.sees_lit("analytics")
    assert visitor.memory[4] == ""

    calm(visitor.context, DECISIONS)
    visitor.arrives(cubalys.home(), asked=False)
    record = visitor.decision()
    assert record["choices"] == {
        "analytics": "granted",
        "advertising": "refused",
        "video": "refused",
    }
    assert (record["action"], record["surface"]) == ("save", "second_layer")
    assert visitor.kept_on_device == NOTHING_KEPT


@pytest.mark.parametrize("kind", ["500", "hanging", "truncated"])
def test_82_a_withdrawal_in_bad_weather_is_a_withdrawal(
    cubalys: Site, visit: Visits, kind: str
) -> None:
    visitor = visit(cubalys)
    visitor.expects(*COMPLAINTS)
    visitor.arrives(cubalys.film())
    visitor.presses("accept_all")
    visitor.sees_lit(*TRACKERS)
    first = visitor.decision()["id"]
    storm(visitor.context, DECISIONS, kind)
    visitor.presses("open")
    visitor.presses("refuse_all")
    visitor.sees("closed")
    visitor.keeps_cookies({"consent"})
    visitor.arrives(cubalys.film(), asked=False)
    visitor.waits()
    visitor.sees_lit()
    calm(visitor.context, DECISIONS)
    visitor.arrives(cubalys.home(), asked=False)
    record = visitor.decision()
    assert (record["action"], record["previous"]) == ("withdraw_all", first)
