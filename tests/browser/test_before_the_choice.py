"""Before the visitor has chosen, the page runs, keeps and sends nothing (CNIL-1)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.browser.visitor import NOTHING_KEPT

if TYPE_CHECKING:
    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Site
    from tests.browser.visitor import Visitor

LANGUAGES = ["fr", "en"]


def nothing_has_happened(visitor: Visitor, lang: str) -> None:
    """Look everywhere a tracker leaves a trace: network, cookies, every store, the lamps."""
    own = urlsplit(visitor.site.origin).netloc
    elsewhere = [
        request.url for request in visitor.requests if urlsplit(request.url).netloc != own
    ]
    assert set(elsewhere) == {visitor.site.script(lang)}
    assert visitor.asked_for == set()
    assert visitor.cookies == {}
    assert visitor.kept_on_device == NOTHING_KEPT
    visitor.sees_lit()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_cnil_1_nothing_fires_before_the_choice(site: Site, visit: Visits, lang: str) -> None:
    visitor = visit(site, lang)
    for page in (site.home(lang), site.film(lang)):
        visitor.arrives(page)
        visitor.page.mouse.wheel(0, 4000)
        visitor.waits()
        nothing_has_happened(visitor, lang)
    assert visitor.page.locator("[data-jar]").inner_text() in {"aucun", "none"}


def test_cnil_1_looking_at_the_second_layer_and_leaving_it_is_no_choice(
    cubalys: Site, visit: Visits
) -> None:
    visitor = visit(cubalys)
    visitor.arrives(cubalys.film())
    visitor.presses("choose")
    visitor.switch("analytics").check()
    visitor.presses("close")
    visitor.sees("first_layer")
    visitor.page.mouse.click(5, 300)
    visitor.page.keyboard.press("Escape")
    visitor.waits()
    visitor.sees("first_layer")
    nothing_has_happened(visitor, "fr")


def test_cnil_1_nothing_is_set_in_advance(site: Site, visit: Visits) -> None:
    visitor = visit(site)
    visitor.arrives(site.home())
    visitor.presses("choose")
    visitor.sees("second_layer")
    for purpose in ("analytics", "advertising", "video"):
        assert not visitor.switch(purpose).is_checked()


def test_the_banner_asks_in_the_notices_own_words(cubalys: Site, visit: Visits) -> None:
    for lang, title in (("fr", "Vos traces, vos règles"), ("en", "Your traces, your rules")):
        visitor = visit(cubalys, lang)
        visitor.arrives(cubalys.home(lang))
        assert visitor.banner.get_by_role("heading", name=title).is_visible()
        assert visitor.page.locator("consent-banner").get_attribute("lang") == lang
        visitor.presses("choose")
        for purpose in ("analytics", "advertising", "video"):
            assert cubalys.title(purpose, lang) in visitor.purpose(purpose).inner_text()
        visitor.purpose("advertising").locator("summary").click()
        assert "al_click" in visitor.purpose("advertising").inner_text()


def test_without_script_the_pages_are_read_and_nothing_fires(site: Site, visit: Visits) -> None:
    visitor = visit(site, java_script_enabled=False)
    visitor.goes_to(site.film())
    assert visitor.page.locator("h1").is_visible()
    assert visitor.page.locator(".held").is_visible()
    assert visitor.asked_for == set()
    assert visitor.cookies == {}
