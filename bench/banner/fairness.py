"""What is no matter of speed: axe's violations on each layer, and how many languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bench.banner.contestants import OURS, PACKAGES
from consent_server.notices.built_in import WIDGET

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from bench.banner.contestants import Contestant

_RUN: Final = """async () => {
  const { violations } = await axe.run(document)
  return violations.map(({ id }) => id).sort()
}"""


def violations(browser: Browser, address: str, contestant: Contestant) -> list[list[str]]:
    """Name the rules that axe finds broken, on the first layer and on the second."""
    page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="fr-FR")
    try:
        page.goto(address, wait_until="load")
        page.wait_for_timeout(1500)
        found = [_axe(page)]
        if contestant.choose and contestant.second:
            page.click(contestant.choose.replace(">>>", ""))
            page.wait_for_selector(contestant.second.replace(">>>", ""), state="visible")
            page.wait_for_timeout(1000)
            found.append(_axe(page))
        return found
    finally:
        page.close()


def _axe(page: Page) -> list[str]:
    page.evaluate((PACKAGES / "axe-core" / "axe.min.js").read_text("utf-8"))
    found: Any = page.evaluate(_RUN)
    return [str(rule) for rule in found]


def languages(contestant: Contestant) -> int:
    """Count the languages whose words come with it."""
    if contestant.name == OURS:
        return len(list((WIDGET / "words").glob("*.json")))
    if contestant.language_files is None:
        return 0
    found = PACKAGES.glob(contestant.language_files)
    return len([each for each in found if ".ref." not in each.name])
