"""On a telephone, and enlarged four times: everything is reached and nothing runs sideways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Site
    from tests.browser.visitor import Visitor

_SIDEWAYS = """() => {
  const { scrollWidth, clientWidth } = document.documentElement
  return scrollWidth - clientWidth
}"""
_ON_TOP = """element => {
  const { left, top, right, bottom } = element.getBoundingClientRect()
  const inside = left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight
  const found = element.getRootNode().elementFromPoint((left + right) / 2, (top + bottom) / 2)
  return inside && (found === element || element.contains(found))
}"""
FIRST = ("accept_all", "refuse_all", "choose")
SECOND = ("accept_all", "refuse_all", "save", "close")


def stays_within(page: Page) -> None:
    """See that the page cannot be scrolled sideways."""
    assert page.evaluate(_SIDEWAYS) <= 0


def can_be_pressed(visitor: Visitor, *actions: str) -> None:
    """Scroll each button into sight, and see that nothing lies over it."""
    for action in actions:
        button = visitor.button(action)
        button.scroll_into_view_if_needed()
        assert button.evaluate(_ON_TOP), f"{action} is not within reach"


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_wcag_1_4_10_at_320_pixels_nothing_runs_sideways_and_every_button_is_reached(
    site: Site, visit: Visits, lang: str
) -> None:
    visitor = visit(site, lang, width=320, height=640)
    for page in (site.home(lang), site.film(lang)):
        visitor.arrives(page)
        stays_within(visitor.page)
        can_be_pressed(visitor, *FIRST)
    visitor.presses("choose")
    visitor.sees("second_layer")
    for summary in visitor.banner.locator("summary").all():
        summary.click()
    stays_within(visitor.page)
    can_be_pressed(visitor, *SECOND)
    for purpose in ("analytics", "advertising", "video"):
        visitor.switch(purpose).check()
    visitor.presses("save")
    visitor.sees("closed")
    stays_within(visitor.page)
    can_be_pressed(visitor, "open")
    visitor.receipt()
    visitor.arrives(site.privacy(lang), asked=False)
    stays_within(visitor.page)


def test_wcag_1_4_10_a_window_enlarged_four_times_is_enough_to_refuse(
    cubalys: Site, visit: Visits
) -> None:
    # 1280 by 1024 at 400 %.
    visitor = visit(cubalys, width=320, height=256)
    visitor.arrives(cubalys.home())
    stays_within(visitor.page)
    can_be_pressed(visitor, *FIRST)
    visitor.presses("choose")
    visitor.sees("second_layer")
    can_be_pressed(visitor, *SECOND)
    visitor.presses("refuse_all")
    visitor.sees("closed")
    visitor.receipt()


@pytest.mark.parametrize("width", [320, 1280])
def test_buttons_and_switches_are_large_enough_for_a_finger(
    cubalys: Site, visit: Visits, width: int
) -> None:
    visitor = visit(cubalys, width=width)
    visitor.arrives(cubalys.home())
    visitor.presses("choose")
    controls = visitor.banner.locator("button, label.switch, summary").all()
    assert len(controls) > 6
    for control in controls:
        box = control.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
