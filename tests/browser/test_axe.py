"""axe finds nothing wrong with both layers of the banner, nor with any page (A11Y-1)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.test_pages_without_script import agreement, letter, link, somebody

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Demonstration, Site
    from tests.browser.visitor import Visitor

LANGUAGES = ["fr", "en"]
# All of axe's rules, those of good practice included, but those it calls experiments; the size
# of targets (WCAG 2.5.8) it leaves out unless asked.
_EVERY_RULE: dict[str, Any] = {
    "resultTypes": ["violations"],
    "rules": {"target-size": {"enabled": True}},
}


def finds_nothing(page: Page) -> None:
    """Run axe over the page, shadow roots and frames included."""
    found = Axe().run(page, options=_EVERY_RULE).response
    assert len(found["passes"]) > 10
    told = [
        (each["id"], [node["target"] for node in each["nodes"]]) for each in found["violations"]
    ]
    assert told == []


def test_axe_sees_what_is_wrong_with_a_page(cubalys: Site, visit: Visits) -> None:
    visitor = visit(cubalys)
    visitor.arrives(cubalys.home())
    spoil = """() => {
      const { shadowRoot } = document.querySelector('consent-banner')
      shadowRoot.querySelector('[data-action=refuse_all]').textContent = ''
    }"""
    visitor.page.evaluate(spoil)
    with pytest.raises(AssertionError, match="button-name"):
        finds_nothing(visitor.page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a11y_1_both_layers_of_the_banner(
    site: Site, visit: Visits, lang: str, scheme: str
) -> None:
    visitor = visit(site, lang, color_scheme=scheme)
    visitor.arrives(site.film(lang))
    finds_nothing(visitor.page)
    visitor.presses("choose")
    visitor.sees("second_layer")
    for summary in visitor.banner.locator("summary").all():
        summary.click()
    finds_nothing(visitor.page)


@pytest.mark.parametrize("action", ["accept_all", "refuse_all"])
def test_a11y_1_the_page_once_answered_and_the_choice_opened_again(
    site: Site, visit: Visits, action: str
) -> None:
    visitor = visit(site)
    visitor.arrives(site.film())
    visitor.presses(action)
    visitor.receipt()
    visitor.sees("closed")
    finds_nothing(visitor.page)
    visitor.presses("open")
    visitor.sees("second_layer")
    finds_nothing(visitor.page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a11y_1_the_banner_on_a_telephone(cubalys: Site, visit: Visits, lang: str) -> None:
    visitor = visit(cubalys, lang, width=320, height=640)
    visitor.arrives(cubalys.home(lang))
    finds_nothing(visitor.page)
    visitor.presses("choose")
    visitor.sees("second_layer")
    finds_nothing(visitor.page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a11y_1_every_page_of_the_websites(site: Site, visit: Visits, lang: str) -> None:
    visitor = visit(site, lang)
    for address in (site.home(lang), site.film(lang), site.privacy(lang)):
        visitor.arrives(address)
        finds_nothing(visitor.page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a11y_1_leaving_and_having_left(cubalys: Site, visit: Visits, lang: str) -> None:
    subject = somebody(cubalys)
    visitor = visit(cubalys, lang)
    visitor.goes_to(link(cubalys, subject))
    finds_nothing(visitor.page)
    visitor.page.get_by_role("button").first.click()
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    assert not letter(cubalys, subject)["allowed"]
    finds_nothing(visitor.page)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "page", ["start", "log", "notice", "receipt", "no such link", "no such page"]
)
def test_a11y_1_the_servers_own_pages(
    cubalys: Site, visit: Visits, page: str, lang: str
) -> None:
    visitor = visit(cubalys, lang)
    visitor.expects("404")
    visitor.goes_to(cubalys.server + address_of(cubalys, page))
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    finds_nothing(visitor.page)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("more", ["", "&embedded=1"])
def test_a11y_1_the_table_of_trackers(site: Site, visit: Visits, lang: str, more: str) -> None:
    visitor = visit(site, lang)
    visitor.expects("favicon.ico")
    visitor.goes_to(f"{site.server}/n/{site.id}/trackers?lang={lang}{more}")
    expect(visitor.page.get_by_role("table").first).to_be_visible()
    finds_nothing(visitor.page)


def test_a11y_1_the_preview_of_a_banner(
    demonstration: Demonstration, cubalys: Site, visit: Visits
) -> None:
    words = ("notices", "preview", "site-banner", "-o", "cubalys", "--json")
    done = demonstration.deployment.run(*words)
    assert done.returncode == 0, done.stderr
    visitor = visit(cubalys)
    # axe speaks to the frame as to one of our origin; on purpose it has none.
    visitor.expects("favicon.ico", "Failed to execute 'postMessage'")
    visitor.goes_to(json.loads(done.stdout)["url"])
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    visitor.waits()
    finds_nothing(visitor.page)


def address_of(site: Site, page: str) -> str:
    """Give the path of one of the server's pages."""
    if page == "notice":
        return f"/n/{site.get('/v1/notices/site-banner')['version']}"
    if page == "receipt":
        told = site.post("/v1/decisions", agreement(site, somebody(site)))
        return f"/v1/receipts/{told['receipt']}"
    return {
        "start": "/",
        "log": "/log/",
        "no such link": "/u/no-such-link",
        "no such page": "/nowhere",
    }[page]


def test_a11y_1_the_banner_s_own_receipt(site: Site, visit: Visits) -> None:
    visitor: Visitor = visit(site)
    visitor.arrives(site.home())
    visitor.presses("refuse_all")
    visitor.goes_to(f"{site.server}/v1/receipts/{visitor.receipt()}")
    finds_nothing(visitor.page)
