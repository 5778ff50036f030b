"""All thirty languages on a telephone: whole, within the screen, in the reader's own tongue."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from consent_server.notices.built_in import built_in_words
from tests.browser.test_narrow import FIRST, SECOND, can_be_pressed, stays_within

if TYPE_CHECKING:
    from playwright.sync_api import Route

    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Site
    from tests.browser.visitor import Visitor

WORDS = built_in_words("banner")
RIGHT_TO_LEFT = ("ar", "he")
# Whatever lies wider than its own box: a word that does not fit its button, a row its card.
_TOO_WIDE = """root => [...root.querySelectorAll('*')]
  .filter(one => one.clientWidth && !one.closest('.unseen')
    && one.scrollWidth > one.clientWidth)
  .map(one => `${one.localName}.${one.className}: ${one.scrollWidth} > ${one.clientWidth}: `
    + one.textContent)"""
# Each run of text with the language it is in, as a screen reader finds it.
_SPOKEN = """root => {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  const found = []
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode
    const near = parentElement.closest('[lang]') ?? root.getRootNode().host
    if (data.trim()) found.push([data.trim(), near.lang])
  }
  return found
}"""


@pytest.mark.parametrize("lang", sorted(WORDS))
def test_a11y_10_every_language_fits_a_telephone_in_both_layers(
    cubalys: Site, visit: Visits, lang: str
) -> None:
    visitor = visit(cubalys, width=320, height=640)
    speaks(visitor, lang)
    visitor.arrives(cubalys.home())
    host = visitor.page.locator("consent-banner")
    assert host.get_attribute("lang") == lang
    direction = visitor.banner.evaluate("region => getComputedStyle(region).direction")
    assert direction == ("rtl" if lang in RIGHT_TO_LEFT else "ltr")
    fits(visitor, lang, FIRST)
    visitor.presses("choose")
    visitor.sees("second_layer")
    for summary in visitor.banner.locator("summary").all():
        summary.click()
    fits(visitor, lang, SECOND)


def speaks(visitor: Visitor, lang: str) -> None:
    """Let the page ask for its banner in another language than its own."""

    def ask(route: Route) -> None:
        route.continue_(url=route.request.url.replace("lang=fr", f"lang={lang}"))

    visitor.page.route("**/w/*.js?*", ask)


def fits(visitor: Visitor, lang: str, actions: tuple[str, ...]) -> None:
    """See that a layer is whole, and marked, within 320 pixels."""
    assert visitor.banner.evaluate(_TOO_WIDE) == []
    stays_within(visitor.page)
    can_be_pressed(visitor, *actions)
    for action in actions:
        assert visitor.button(action).inner_text() == WORDS[lang][action]
    spoken: list[tuple[str, str]] = [tuple(each) for each in visitor.banner.evaluate(_SPOKEN)]
    assert not [text for text, _ in spoken if "undefined" in text or "null" in text]
    assert wrongly_marked(spoken, lang) == []


def wrongly_marked(spoken: list[tuple[str, str]], lang: str) -> list[tuple[str, str]]:
    """List built-in words said to be in another language than theirs."""
    own = set(WORDS[lang].values())
    return [(text, said) for text, said in spoken if text in own and said != lang]


def test_a11y_10_the_organisations_own_texts_say_that_they_are_in_another_language(
    cubalys: Site, visit: Visits
) -> None:
    visitor = visit(cubalys)
    speaks(visitor, "ar")
    visitor.arrives(cubalys.home())
    visitor.presses("choose")
    visitor.sees("second_layer")
    spoken = dict(visitor.banner.evaluate(_SPOKEN))
    for purpose in ("analytics", "advertising", "video"):
        assert spoken[cubalys.title(purpose)] == "fr"
    assert spoken[WORDS["ar"]["trackers"] + " (1)"] == "ar", json.dumps(spoken)
    titles = visitor.banner.locator("h3").all()
    assert {directions(title) for title in titles} == {"ltr"}


def directions(element: Any) -> str:
    """Tell which way an element runs."""
    said: str = element.evaluate("element => getComputedStyle(element).direction")
    return said
