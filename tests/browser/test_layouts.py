"""The card, the dialog, and a banner that waits for its answer, in a real Chromium."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.test_axe import finds_nothing
from tests.browser.test_equal_answers import looks
from tests.browser.test_narrow import can_be_pressed, stays_within
from tests.browser.trial import BANNER

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Site
    from tests.browser.trial import Trials
    from tests.browser.visitor import Visitor

LAYOUTS: dict[str, dict[str, Any]] = {
    "card": {"layout": "card"},
    "dialog": {"layout": "dialog"},
    "waiting": {"layout": "dialog", "modal": True},
    "waiting bar": {"modal": True},
}
BODY = '<main><p><a href="#here" id="own">A link</a></p><p id="here">Text</p></main>'
_HALVES = """async (picture) => {
  const bitmap = await createImageBitmap(await (await fetch(picture)).blob())
  const { width, height } = bitmap
  const drawing = new OffscreenCanvas(width, height)
    .getContext('2d', { willReadFrequently: true })
  drawing.drawImage(bitmap, 0, 0)
  const light = (from, upto) => drawing
    .getImageData(from, height / 2, upto - from, 1)
    .data.reduce((sum, each) => sum + each, 0)
  return [light(0, width / 2), light(width / 2, width)]
}"""
FIRST = ("accept_all", "refuse_all", "choose")
SECOND = ("accept_all", "refuse_all", "save")


@pytest.fixture(params=LAYOUTS)
def name(request: pytest.FixtureRequest) -> str:
    """Give each layout in turn."""
    return str(request.param)


@pytest.fixture
def placed(trials: Trials, name: str) -> Site:
    """Give a site with that layout."""

    def change(document: dict[str, Any]) -> None:
        document["sites"][0]["banner"] = LAYOUTS[name]

    return trials.site(f"layout-{name.replace(' ', '-')}", change)


def waits(name: str) -> bool:
    """Tell whether the page waits for the answer."""
    return bool(LAYOUTS[name].get("modal"))


def looks_right(visitor: Visitor, buttons: tuple[str, ...]) -> None:
    """See that all answers look alike, are large enough, and nothing offends axe."""
    # What lies under the pointer is underlined.
    visitor.page.mouse.move(1, 1)
    # A trial's heading stands outside the page's main part.
    visitor.page.evaluate(
        "document.querySelector('main').prepend(document.querySelector('h1'))"
    )
    accept, refuse, third = (looks(visitor.button(each)) for each in buttons)
    assert refuse == accept
    assert third == accept
    box = visitor.button("refuse_all").bounding_box()
    assert box is not None
    assert box["height"] >= 44
    finds_nothing(visitor.page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a11y_1_both_layers_are_fair_and_without_fault(
    trials: Trials, visit: Visits, placed: Site, scheme: str
) -> None:
    visitor = visit(placed, "en", color_scheme=scheme)
    visitor.arrives(trials.put(placed, BANNER, BODY))
    looks_right(visitor, FIRST)
    visitor.presses("choose")
    visitor.sees("second_layer")
    looks_right(visitor, SECOND)


def test_escape_closes_without_choosing_and_the_page_is_usable_unless_it_waits(
    trials: Trials, visit: Visits, placed: Site, name: str
) -> None:
    visitor = visit(placed, "en")
    visitor.arrives(trials.put(placed, BANNER, BODY))
    link = visitor.page.locator("#own")
    reached = link.evaluate("(own) => { own.focus(); return document.activeElement === own }")
    assert reached is not waits(name)
    if not waits(name):
        link.click()
        assert visitor.page.url.endswith("#here")
    visitor.presses("choose")
    visitor.sees("second_layer")
    visitor.page.keyboard.press("Escape")
    visitor.sees("first_layer")
    visitor.page.keyboard.press("Escape")
    visitor.sees("closed")
    assert visitor.cookies == {}
    assert visitor.sent == []
    assert visitor.page.locator("[inert]").count() == 0
    assert link.evaluate("(own) => { own.focus(); return document.activeElement === own }")


def test_the_focus_stays_in_while_the_page_waits_and_only_then(
    trials: Trials, visit: Visits, placed: Site, name: str
) -> None:
    visitor = visit(placed, "en")
    visitor.arrives(trials.put(placed, BANNER, BODY))
    if waits(name):
        expect(visitor.banner).to_have_attribute("aria-modal", "true")
        expect(visitor.banner).to_have_attribute("role", "dialog")
        expect(visitor.banner.locator("h2")).to_be_focused()
    else:
        assert visitor.banner.get_attribute("aria-modal") is None
        assert visitor.focused == "body"
    passed = set()
    for _ in range(12):
        visitor.page.keyboard.press("Tab")
        passed.add(visitor.focused)
    assert set(FIRST) <= passed
    # `a` is the page's own link; the banner's are in its shadow, below the host.
    own = visitor.page.evaluate("document.activeElement?.id === 'own'")
    seen = visitor.page.evaluate("document.querySelector('#own').closest('[inert]') !== null")
    assert seen is waits(name)
    assert not (own and waits(name))
    # What the page adds meanwhile waits too.
    visitor.page.evaluate("document.body.append(document.createElement('section'))")
    held = visitor.page.locator("[inert] section")
    expect(held).to_have_count(int(waits(name)))
    visitor.presses("refuse_all")
    visitor.sees("closed")
    expect(visitor.page.locator("[inert]")).to_have_count(0)


def knob(visitor: Visitor, switch: Locator) -> str:
    """Tell on which side of a switch its knob is drawn: dark when off, light when on."""
    drawn = base64.b64encode(switch.screenshot()).decode()
    left, right = visitor.page.evaluate(_HALVES, f"data:image/png;base64,{drawn}")
    return "left" if (left > right) is switch.is_checked() else "right"


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_wcag_1_4_10_at_320_pixels_and_from_right_to_left(
    trials: Trials, visit: Visits, placed: Site, lang: str
) -> None:
    visitor = visit(placed, "en", width=320, height=568)
    script = placed.script(lang)
    page = (
        f'<meta name="viewport" content="width=device-width"><script src="{script}"></script>'
    )
    visitor.arrives(trials.put(placed, page, BODY, path=f"/{lang}"))
    stays_within(visitor.page)
    can_be_pressed(visitor, *FIRST)
    visitor.presses("choose")
    visitor.sees("second_layer")
    stays_within(visitor.page)
    can_be_pressed(visitor, *SECOND, "close")
    if lang == "ar":
        assert visitor.banner.evaluate("(it) => getComputedStyle(it).direction") == "rtl"
        close = visitor.button("close").bounding_box()
        title = visitor.banner.locator("h2").bounding_box()
        assert close is not None
        assert title is not None
        assert close["x"] < title["x"]
        switch = visitor.switch("analytics")
        assert knob(visitor, switch) == "right"
        switch.click()
        assert knob(visitor, switch) == "left"


def test_a_card_stands_in_the_corner_and_a_dialog_in_the_middle(
    trials: Trials, visit: Visits, placed: Site, name: str
) -> None:
    visitor = visit(placed, "en")
    visitor.arrives(trials.put(placed, BANNER, BODY))
    box = visitor.banner.bounding_box()
    assert box is not None
    left, right = box["x"], 1280 - box["x"] - box["width"]
    top, bottom = box["y"], 800 - box["y"] - box["height"]
    if name == "card":
        assert (right, bottom) == (16, 16)
        assert left > 700
    elif "bar" in name:
        assert (left, right, bottom) == (0, 0, 0)
    else:
        assert abs(left - right) <= 1
        assert abs(top - bottom) <= 1
