"""The preference centre in a real browser: by keyboard, without script, narrow, dark."""

from __future__ import annotations

import re
import time
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_axe import finds_nothing
from tests.browser.test_pages_without_script import LANGUAGES, letter, somebody

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Demonstration, Site

_SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_ALL = {"en": "Stop all marketing", "fr": "Arrêter toute prospection"}
_FOCUSED = "() => document.activeElement.innerText.trim() || document.activeElement.id"
_PATIENCE = 20.0


def centre(site: Site, subject: dict[str, str]) -> str:
    """Ask for the link that a mail of the organisation's would hold."""
    return str(site.post("/v1/preference-links", {"subject": subject})["url"])


def asking(site: Site) -> str:
    """Give the address of the form that mails a link."""
    return f"{site.server}/p/at/{site.get('/v1/organisations')['organisations'][0]['id']}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a11y_1_axe_finds_nothing_before_and_after_a_press(
    cubalys: Site, visit: Visits, lang: str, scheme: str
) -> None:
    visitor = visit(cubalys, lang, color_scheme=scheme)
    visitor.goes_to(f"{centre(cubalys, somebody(cubalys))}?lang={lang}")
    finds_nothing(visitor.page)
    visitor.page.get_by_role("button", name=_ALL[lang]).click()
    expect(visitor.page.get_by_role("status")).to_be_visible()
    finds_nothing(visitor.page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a11y_9_nothing_scrolls_sideways_at_320_in_either_direction(
    cubalys: Site, visit: Visits, lang: str
) -> None:
    visitor = visit(cubalys, lang, width=320, height=640)
    visitor.goes_to(f"{centre(cubalys, somebody(cubalys))}?lang={lang}")
    finds_nothing(visitor.page)
    assert visitor.page.evaluate(_SIDEWAYS) <= 0
    # Fifteen uses took 8,300 pixels before they were grouped and their words folded.
    assert visitor.page.evaluate("() => document.documentElement.scrollHeight") < 7000
    visitor.page.evaluate("() => document.documentElement.setAttribute('dir', 'rtl')")
    assert visitor.page.evaluate(_SIDEWAYS) <= 0


def test_a11y_2_everything_is_reached_and_done_by_keyboard_alone(
    cubalys: Site, visit: Visits
) -> None:
    subject = somebody(cubalys)
    visitor = visit(cubalys, "en")
    page = visitor.page
    visitor.goes_to(f"{centre(cubalys, subject)}?lang=en")
    walked = [_tab(page) for _ in range(5)]
    assert walked[:4] == ["Skip to the content", "English", "Français", "Stop all marketing"]
    assert walked[4] == "Stop – The “Squared” newsletter"
    assert _tab(page) == "What it is – The “Squared” newsletter"
    page.keyboard.press("Enter")
    expect(page.get_by_text("Once a month")).to_be_visible()
    assert _tab(page) == "The words you were shown The “Squared” newsletter"
    for _ in range(3):
        page.keyboard.press("Shift+Tab")
    assert page.evaluate(_FOCUSED).startswith("Stop all")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("no more marketing")
    assert letter(cubalys, subject)["allowed"] is False
    # The undo is the first button after the receipt, and takes it all back.
    while _tab(page) != "Undo":
        pass
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("stands again")
    assert letter(cubalys, subject)["allowed"] is True


def _tab(page: Page) -> str:
    page.keyboard.press("Tab")
    return re.sub(r"\s+", " ", str(page.evaluate(_FOCUSED))).strip(" :")


def test_no_script_is_needed_and_a_yes_takes_the_mail(
    demonstration: Demonstration, cubalys: Site, visit: Visits
) -> None:
    subject = somebody(cubalys)
    visitor = visit(cubalys, "en", java_script_enabled=False)
    page = visitor.page
    visitor.goes_to(f"{centre(cubalys, subject)}?lang=en")
    page.get_by_role("button", name="Stop – The “Squared” newsletter").click()
    expect(page.get_by_role("status")).to_contain_text("has stopped")
    assert letter(cubalys, subject)["because"] == "withdrawn"
    expect(page.get_by_role("button", name="Say yes")).to_have_count(0)
    page.get_by_role("button", name="Send me the message").click()
    expect(page.get_by_role("status")).to_contain_text("on its way")
    visitor.goes_to(_mailed(demonstration, subject["email"]))
    page.get_by_role("button", name="Say yes – The “Squared” newsletter").click()
    expect(page.get_by_role("status")).to_contain_text("your yes is recorded")
    assert letter(cubalys, subject)["because"] == "consent"


def _mailed(demonstration: Demonstration, email: str) -> str:
    """Wait for the message that the worker leaves as a file; gives its link."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        for path in (demonstration.deployment.data / "mail").glob("*.eml"):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = message.get_body(("plain",))
            if message["To"] == email and body is not None:
                found = re.search(r"http://\S+/p/\S+", body.get_content())
                assert found
                return found[0]
        time.sleep(0.1)
    raise AssertionError("no message came")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a11y_11_the_form_says_what_is_wrong_beside_its_field(
    cubalys: Site, visit: Visits, lang: str
) -> None:
    visitor = visit(cubalys, lang)
    visitor.goes_to(f"{asking(cubalys)}?lang={lang}")
    finds_nothing(visitor.page)
    field = visitor.page.get_by_role("textbox")
    field.fill("no address")
    visitor.expects("422")
    field.press("Enter")
    expect(visitor.page.get_by_role("alert")).to_be_visible()
    expect(visitor.page.get_by_role("textbox")).to_have_attribute("aria-invalid", "true")
    finds_nothing(visitor.page)
    visitor.page.get_by_role("textbox").fill("nobody@people.example")
    visitor.page.get_by_role("button").click()
    expect(visitor.page.get_by_role("status")).to_be_visible()
    finds_nothing(visitor.page)
