"""Night, little motion, forced colours: the same banner, and it is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Site

WISHES: list[dict[str, str]] = [
    {"color_scheme": "dark"},
    {"reduced_motion": "reduce"},
    {"color_scheme": "dark", "reduced_motion": "reduce"},
    {"forced_colors": "active"},
]
_MOVING = "() => document.getAnimations().filter(one => one.playState === 'running').length"
_BACKGROUND = "element => getComputedStyle(element).backgroundColor"


@pytest.mark.parametrize("wishes", WISHES, ids=lambda wishes: "+".join(wishes))
def test_the_banner_and_the_page_are_there_for_everybody(
    cubalys: Site, visit: Visits, wishes: dict[str, Any]
) -> None:
    visitor = visit(cubalys, **wishes)
    visitor.arrives(cubalys.film())
    for action in ("accept_all", "refuse_all", "choose"):
        expect(visitor.button(action)).to_be_visible()
    visitor.presses("choose")
    visitor.sees("second_layer")
    visitor.switch("analytics").check()
    visitor.presses("save")
    visitor.sees_lit("analytics")
    visitor.receipt()
    if "reduced_motion" in wishes:
        assert visitor.page.evaluate(_MOVING) == 0


def test_by_night_the_banner_is_dark(site: Site, visit: Visits) -> None:
    found = set()
    for scheme in ("light", "dark"):
        visitor = visit(site, color_scheme=scheme)
        visitor.arrives(site.home())
        found.add(visitor.banner.evaluate(_BACKGROUND))
    assert len(found) == 2
    assert "rgb(255, 255, 255)" in found
