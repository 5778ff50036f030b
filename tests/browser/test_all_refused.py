"""Who refuses everything gets the same website (test 83 of the security plan, EDPB)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import pytest

from consent_server.demo.sites import PAGES
from tests.browser.demonstration import TRACKERS
from tests.browser.visitor import NOTHING_KEPT

if TYPE_CHECKING:
    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Site
    from tests.browser.visitor import Visitor

# What the page is, without the lamps, which tell of trackers, and the film's own place.
_PAGE: Final = """() => {
  const page = document.body.cloneNode(true)
  for (const one of page.querySelectorAll('consent-banner, consent-placeholder, [data-lamp], '
    + '[data-jar], iframe, .held')) one.remove()
  return {
    title: document.title,
    text: page.textContent.replace(/\\s+/g, ' '),
    links: [...page.querySelectorAll('a')].map(({ href }) => href),
    hidden: [...document.querySelectorAll('main *')].filter((one) => !one.checkVisibility()
      && !one.matches('iframe, .held, script, [hidden]')).length,
    height: document.querySelector('main').offsetHeight,
  }
}"""


def addresses(site: Site) -> list[str]:
    """List every page of a website, in both languages."""
    told = json.loads((PAGES / site.slug / "site.json").read_text("utf-8"))
    return [site.origin + path for page in told["pages"] for path in page["path"].values()]


def goes_everywhere(visitor: Visitor) -> dict[str, Any]:
    """Visit every page, and give what each one is."""
    seen = {}
    for address in addresses(visitor.site):
        visitor.arrives(address, asked=False)
        seen[address] = visitor.page.evaluate(_PAGE)
    return seen


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_83_after_a_no_every_page_is_what_it_is_after_a_yes(
    site: Site, visit: Visits, lang: str
) -> None:
    found = {}
    for action in ("accept_all", "refuse_all"):
        visitor = visit(site, lang)
        visitor.arrives(site.home(lang))
        visitor.presses(action)
        visitor.receipt()
        found[action] = goes_everywhere(visitor)
        assert visitor.answers == dict.fromkeys(TRACKERS, "r" if "refuse" in action else "g")
    assert found["refuse_all"] == found["accept_all"]
    assert len(found["refuse_all"]) >= 8


def test_83_as_many_clicks_refuse_as_agree_and_take_it_back(site: Site, visit: Visits) -> None:
    visitor = visit(site)
    visitor.arrives(site.home())
    visitor.presses("refuse_all")
    visitor.sees("closed")
    # From the opened panel, one click takes an agreement back, as one had given it.
    visitor.presses("open")
    visitor.presses("accept_all")
    visitor.sees("closed")
    assert visitor.answers == dict.fromkeys(TRACKERS, "g")
    visitor.presses("open")
    visitor.presses("refuse_all")
    visitor.sees("closed")
    assert visitor.answers == dict.fromkeys(TRACKERS, "r")
    visitor.keeps_cookies({"consent"})


def test_81_after_a_no_nothing_but_the_cookie_and_the_decision(
    site: Site, visit: Visits
) -> None:
    visitor = visit(site)
    visitor.arrives(site.home())
    visitor.presses("refuse_all")
    visitor.receipt()
    goes_everywhere(visitor)
    visitor.waits()
    own = urlsplit(site.origin).netloc
    elsewhere = {each.url for each in visitor.requests if urlsplit(each.url).netloc != own}
    decisions = f"{site.server}/v1/sites/{site.id}/decisions"
    assert elsewhere == {site.script("fr"), site.script("en"), decisions}
    assert [each.method for each in visitor.requests if each.url == decisions] == ["POST"]
    assert visitor.asked_for == set()
    assert set(visitor.cookies) == {"consent"}
    assert visitor.kept_on_device == NOTHING_KEPT
