"""The whole path by keyboard: choose, read, switch, save, reopen, leave (A11Y-2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.demonstration import TRACKERS

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Site
    from tests.browser.visitor import Visitor

_RING = """element => {
  const { outlineStyle, outlineWidth } = getComputedStyle(element)
  const { top, bottom, left, right } = element.getBoundingClientRect()
  const inside = top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth
  return { ring: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2, inside }
}"""


def focus_is_seen(visitor: Visitor, action: str) -> None:
    """Look for the ring, and for the whole of the button."""
    button: Any = visitor.button(action)
    expect(button).to_be_focused()
    assert button.evaluate(_RING) == {"ring": True, "inside": True}


def said_by_us(visitor: Visitor) -> Locator:
    """Find what is said to those who do not see that the banner has closed."""
    return visitor.page.locator("consent-banner").get_by_role("status")


def chooses_one_by_one(visitor: Visitor) -> None:
    """Go from the top of the page to the saved choice, purpose by purpose."""
    press = visitor.page.keyboard.press
    visitor.tabs_to("accept_all", within=4)
    focus_is_seen(visitor, "accept_all")
    visitor.tabs_to("refuse_all", within=1)
    focus_is_seen(visitor, "refuse_all")
    visitor.tabs_to("choose", within=1)
    focus_is_seen(visitor, "choose")
    press("Enter")
    visitor.sees("second_layer")
    assert visitor.focused == "h2"
    visitor.tabs_to("analytics")
    press("Space")
    visitor.tabs_to("summary", within=3)
    press("Enter")
    visitor.tabs_to("video")
    press("Space")
    visitor.tabs_to("save")
    focus_is_seen(visitor, "save")
    press("Enter")


def looks_and_leaves(visitor: Visitor) -> None:
    """Open the second layer, touch a switch, and leave as if nothing had been."""
    visitor.page.keyboard.press("Enter")
    visitor.sees("second_layer")
    visitor.tabs_to("close", within=2)
    visitor.tabs_to("analytics")
    visitor.page.keyboard.press("Space")
    visitor.page.keyboard.press("Escape")
    visitor.sees("closed")
    focus_is_seen(visitor, "open")


def test_a11y_2_the_whole_path_by_keyboard_alone(cubalys: Site, visit: Visits) -> None:
    visitor = visit(cubalys)
    visitor.arrives(cubalys.film())
    chooses_one_by_one(visitor)
    visitor.sees("closed")
    visitor.sees_lit("analytics", "video")
    chosen = {"analytics": "g", "advertising": "r", "video": "g"}
    assert visitor.answers == chosen
    visitor.receipt()
    expect(said_by_us(visitor)).to_have_text("Votre choix est enregistré.")

    focus_is_seen(visitor, "open")
    looks_and_leaves(visitor)
    assert visitor.answers == chosen

    visitor.page.keyboard.press("Space")
    visitor.sees("second_layer")
    visitor.tabs_to("refuse_all")
    visitor.page.keyboard.press("Enter")
    visitor.sees("closed")
    visitor.keeps_cookies({"consent"})
    assert visitor.decision()["action"] == "withdraw_all"
    # What has run runs on: that is said, and a way out offered.
    expect(said_by_us(visitor)).to_contain_text("rechargement de la page")
    expect(visitor.button("reload")).to_be_visible()


@pytest.mark.parametrize(("action", "letter"), [("accept_all", "g"), ("refuse_all", "r")])
def test_a11y_2_either_answer_is_given_by_keyboard_on_the_first_layer(
    cubalys: Site, visit: Visits, action: str, letter: str
) -> None:
    visitor = visit(cubalys, "en")
    visitor.arrives(cubalys.home("en"))
    visitor.tabs_to(action, within=5)
    visitor.page.keyboard.press("Space")
    visitor.sees("closed")
    assert visitor.answers == dict.fromkeys(TRACKERS, letter)
    visitor.receipt()


@pytest.mark.parametrize("takes", [True, False], ids=["the page takes it", "nobody else does"])
def test_a11y_2_the_focus_comes_back_to_us_unless_the_page_has_put_it_somewhere(
    cubalys: Site, visit: Visits, takes: bool
) -> None:
    visitor = visit(cubalys, "en")
    visitor.arrives(cubalys.home("en"))
    visitor.page.evaluate(
        """takes => consent.ready.then(() => consent.on('change', () => {
          if (takes) document.querySelector('main a, header a').focus()
        }))""",
        takes,
    )
    visitor.tabs_to("accept_all", within=5)
    visitor.page.keyboard.press("Enter")
    visitor.sees("closed")
    # Said last of all: by then whoever wants the focus has it.
    expect(said_by_us(visitor)).not_to_be_empty()
    on_page = "() => document.activeElement.closest('header, main') !== null"
    assert visitor.page.evaluate(on_page) is takes
    if not takes:
        expect(visitor.button("open")).to_be_focused()


def test_a11y_2_escape_on_the_first_layer_is_no_answer(cubalys: Site, visit: Visits) -> None:
    visitor = visit(cubalys)
    visitor.arrives(cubalys.home())
    visitor.tabs_to("accept_all", within=5)
    visitor.page.keyboard.press("Escape")
    visitor.sees("closed")
    focus_is_seen(visitor, "open")
    visitor.waits()
    visitor.sees("closed")
    assert visitor.cookies == {}
    assert visitor.sent == []
    visitor.sees_lit()
    # It can be answered on this page still, and the next one asks again.
    visitor.presses("open")
    visitor.presses("close")
    visitor.sees("closed")
    visitor.arrives(cubalys.home())


def test_a11y_2_the_keyboard_is_not_held_in_the_banner(cubalys: Site, visit: Visits) -> None:
    visitor = visit(cubalys)
    visitor.arrives(cubalys.home())
    visitor.tabs_to("choose", within=6)
    visitor.tabs_to("a", within=2)
    on_page = "() => document.activeElement.closest('header, main, footer') !== null"
    assert visitor.page.evaluate(on_page)
    visitor.tabs_to("choose", within=3, key="Shift+Tab")


def test_wcag_2_4_11_what_has_the_focus_is_not_behind_the_banner(
    cubalys: Site, visit: Visits
) -> None:
    visitor = visit(cubalys)
    visitor.arrives(cubalys.home())
    visitor.tabs_to("choose", within=6)
    hidden = """() => {
      const { top } = document.activeElement.getBoundingClientRect()
      const { shadowRoot } = document.querySelector('consent-banner')
      return top >= shadowRoot.querySelector('section').getBoundingClientRect().top
    }"""
    for _ in range(12):
        visitor.page.keyboard.press("Tab")
        on_page = "() => document.activeElement !== document.body"
        if not visitor.page.evaluate(on_page):
            break
        assert not visitor.page.evaluate(hidden), visitor.focused
