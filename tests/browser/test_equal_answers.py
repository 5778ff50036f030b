"""Refusing looks exactly as accepting does (CNIL-5 and the EDPB's banner task force)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import pytest

from consent_server.notices.built_in import built_in_words
from tests.browser.own_page import embed, serve

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Site
    from tests.browser.visitor import Visitor

_WIDTHS = [320, 1280]
_SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
_LOOKS = """element => {
  const style = getComputedStyle(element)
  const box = element.getBoundingClientRect()
  return {
    ...Object.fromEntries([...style].map((name) => [name, style.getPropertyValue(name)])),
    'its width': box.width,
    'its height': box.height,
    'text size': parseFloat(style.fontSize),
  }
}"""


def looks(button: Locator) -> dict[str, Any]:
    """Give every computed value of a button, and its size on the screen."""
    said: dict[str, Any] = button.evaluate(_LOOKS)
    return said


def luminance(colour: str) -> float:
    """Compute the relative luminance of `rgb(r, g, b)` (WCAG 2.2)."""
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").rstrip(")").split(",")]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Compute the contrast ratio of two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("width", _WIDTHS)
def test_accept_and_refuse_differ_in_no_computed_value(
    site: Site, visit: Visits, width: int, lang: str
) -> None:
    visitor = visit(site, lang, width=width, height=720)
    visitor.arrives(site.home(lang))
    answers_look_alike(visitor, third="choose")
    visitor.presses("choose")
    visitor.sees("second_layer")
    answers_look_alike(visitor, third="save")


def answers_look_alike(visitor: Visitor, *, third: str) -> None:
    """Compare the two answers in everything, and the third in what the eye is drawn by."""
    accept, refuse = looks(visitor.button("accept_all")), looks(visitor.button("refuse_all"))
    assert len(accept) > 100
    names = accept.keys() | refuse.keys()
    assert [name for name in names if accept.get(name) != refuse.get(name)] == []
    other = looks(visitor.button(third))
    for name in ("font-size", "font-weight", "color", "background-color", "its width"):
        assert other[name] == refuse[name]
    assert refuse["text size"] >= 14
    assert refuse["its height"] >= 44
    assert contrast(refuse["color"], refuse["background-color"]) >= 4.5


@pytest.mark.parametrize("width", _WIDTHS)
def test_accept_and_refuse_are_seen_together_without_scrolling(
    cubalys: Site, visit: Visits, width: int
) -> None:
    visitor = visit(cubalys, width=width, height=568)
    visitor.arrives(cubalys.home())
    boxes = [visitor.button(action).bounding_box() for action in ("accept_all", "refuse_all")]
    for box in boxes:
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 568
    first, second = boxes
    assert first is not None
    assert second is not None
    # Beside each other, or one right below the other: nothing stands between them.
    gap = max(
        second["x"] - first["x"] - first["width"], second["y"] - first["y"] - first["height"]
    )
    assert gap < 20


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_they_are_equal_by_night_and_under_the_pointer_too(
    cubalys: Site, visit: Visits, scheme: str
) -> None:
    visitor = visit(cubalys, color_scheme=scheme)
    visitor.arrives(cubalys.home())
    found = []
    for action in ("accept_all", "refuse_all"):
        visitor.button(action).hover()
        found.append(looks(visitor.button(action)))
    assert found[0] == found[1]
    assert contrast(found[0]["color"], found[0]["background-color"]) >= 4.5


@pytest.mark.parametrize("width", _WIDTHS)
def test_they_are_equal_in_every_language_by_day_and_by_night(
    site: Site, visit: Visits, width: int
) -> None:
    languages = sorted(built_in_words("banner"))
    assert len(languages) >= 30
    visitor = visit(site, width=width, height=800)
    for lang in languages:
        script = site.script(lang)
        serve(visitor.context, site.origin, head=embed(script), path=f"/own-page/{lang}")
        visitor.arrives(f"{site.origin}/own-page/{lang}")
        host = visitor.page.locator("consent-banner")
        assert host.get_attribute("lang") == lang
        for scheme in _SCHEMES:
            visitor.page.emulate_media(color_scheme=scheme)
            answers_look_alike(visitor, third="choose")
        visitor.presses("choose")
        visitor.sees("second_layer")
        for scheme in _SCHEMES:
            visitor.page.emulate_media(color_scheme=scheme)
            answers_look_alike(visitor, third="save")
