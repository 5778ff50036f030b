"""Signing up as a person does: the form, the letter box, the page, the button."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_axe import finds_nothing
from tests.browser.test_pages_without_script import letter

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Site

_SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
WORDS = {
    "fr": ("Je m’inscris", "Encore une étape", "Oui, je le souhaite", "C’est fait"),
    "en": ("Sign up", "One more step", "Yes, I want this", "Done"),
}


@pytest.mark.parametrize(("lang", "scheme"), [("fr", "dark"), ("en", "light")])
def test_somebody_signs_up_without_script_and_every_page_on_the_way_is_in_order(
    cubalys: Site, visit: Visits, lang: str, scheme: str
) -> None:
    site = cubalys
    send, next_step, want, done = WORDS[lang]
    email = f"{secrets.token_hex(6)}@people.example"
    plain = visit(site, lang, width=320, java_script_enabled=False, color_scheme=scheme).page
    # axe is a script: a second reader looks at the same pages.
    reader = visit(site, lang, width=320, color_scheme=scheme)
    reader.expects("404")
    looking = reader.page

    plain.goto(site.home(lang))
    plain.locator("#email").fill(email)
    plain.get_by_role("button", name=send).click()
    expect(plain.get_by_role("heading", level=1)).to_contain_text(next_step)
    assert letter(site, {"email": email})["allowed"] is False

    link = from_the_letter_box(plain, site, email)
    looking.goto(link)
    in_order(looking)
    assert letter(site, {"email": email})["because"] == "unconfirmed"
    plain.goto(link)
    # By keyboard alone: what has the focus after some tabs is the button.
    button = plain.get_by_role("button", name=want)
    for _ in range(6):
        plain.keyboard.press("Tab")
        if button.evaluate("each => each === document.activeElement"):
            break
    plain.keyboard.press("Enter")
    expect(plain.get_by_role("heading", level=1)).to_contain_text(done)
    assert letter(site, {"email": email})["because"] == "consent"
    for address in (link, link[:-4]):
        looking.goto(address)
        in_order(looking)


def from_the_letter_box(page: Page, site: Site, email: str) -> str:
    for _ in range(40):
        page.goto(f"{site.origin}/mailbox")
        mine = page.locator("details", has_text=email).locator("a[href*='/confirm/']")
        if mine.count():
            return str(mine.first.get_attribute("href"))
        page.wait_for_timeout(250)
    raise AssertionError("no mail came")


def in_order(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    finds_nothing(page)
    assert page.evaluate(_SIDEWAYS) <= 0
