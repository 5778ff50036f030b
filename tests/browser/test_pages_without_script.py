"""What people are given to read and press, without a line of JavaScript, in both languages."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Site
    from tests.browser.visitor import Visitor

WORDS: dict[str, dict[str, str]] = {
    "fr": {
        "leave": "Me désabonner",
        "all": "Arrêter toute prospection",
        "done": "C’est fait",
        "receipt": "Voir votre reçu",
        "other": "English",
    },
    "en": {
        "leave": "Unsubscribe",
        "all": "Stop all marketing",
        "done": "Done",
        "receipt": "See your receipt",
        "other": "Français",
    },
}
LANGUAGES = list(WORDS)
_SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def somebody(site: Site) -> dict[str, str]:
    """Make somebody who gets the letter."""
    subject = {"email": f"{secrets.token_hex(6)}@people.example"}
    site.post("/v1/decisions", agreement(site, subject))
    assert letter(site, subject)["allowed"]
    return subject


def agreement(site: Site, subject: dict[str, str]) -> dict[str, Any]:
    """Make the body of a yes to the letter."""
    return {
        "subject": subject,
        "choices": {site.told["newsletter_purpose"]: "granted"},
        "notice_version": site.told["form_notice_version"],
        "source": "website-form" if site.slug == "cubalys" else "contact-form",
        "assertion": "witnessed",
    }


def letter(site: Site, subject: dict[str, str]) -> Any:
    """Ask whether somebody may get the letter."""
    return site.ask(subject, site.told["newsletter_purpose"])


def link(site: Site, subject: dict[str, str]) -> str:
    """Ask for the link that would stand in a letter."""
    body = {"subject": subject, "purpose": site.told["newsletter_purpose"]}
    return str(site.post("/v1/unsubscribe-links", body)["url"])


def reader(visit: Visits, site: Site, lang: str, **more: Any) -> Visitor:
    """Give somebody whose browser runs no script."""
    return visit(site, lang, java_script_enabled=False, **more)


def speaks(visitor: Visitor, lang: str) -> None:
    """See that the page says which language it is in."""
    expect(visitor.page.locator("html")).to_have_attribute("lang", lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_uns_4_a_recipient_leaves_by_one_button_without_script(
    cubalys: Site, visit: Visits, lang: str
) -> None:
    subject, words = somebody(cubalys), WORDS[lang]
    visitor = reader(visit, cubalys, lang)
    visitor.goes_to(link(cubalys, subject))
    speaks(visitor, lang)
    assert visitor.page.get_by_role("button").count() == 1
    assert letter(cubalys, subject)["allowed"]

    visitor.page.get_by_role("button", name=words["leave"]).click()
    expect(visitor.page.get_by_role("heading", name=words["done"])).to_be_visible()
    speaks(visitor, lang)
    answer = letter(cubalys, subject)
    assert (answer["allowed"], answer["because"]) == (False, "withdrawn")

    visitor.page.get_by_role("link", name=words["receipt"]).click()
    speaks(visitor, lang)
    assert visitor.page.locator("main code").first.inner_text().startswith("dec_")
    assert visitor.cookies == {}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_more_press_ends_all_marketing(cubalys: Site, visit: Visits, lang: str) -> None:
    subject, words = somebody(cubalys), WORDS[lang]
    visitor = reader(visit, cubalys, lang)
    visitor.goes_to(link(cubalys, subject))
    visitor.page.get_by_role("button", name=words["leave"]).click()
    visitor.page.get_by_role("button", name=words["all"]).click()
    expect(visitor.page.get_by_role("heading", name=words["done"])).to_be_visible()
    offers = cubalys.ask(subject, cubalys.told["prospecting_purpose"])
    assert (offers["allowed"], offers["because"]) == (False, "suppressed")


def test_a_press_by_keyboard_is_a_press(cubalys: Site, visit: Visits) -> None:
    subject = somebody(cubalys)
    visitor = reader(visit, cubalys, "fr")
    visitor.goes_to(link(cubalys, subject))
    visitor.page.get_by_role("button", name=WORDS["fr"]["leave"]).press("Enter")
    expect(visitor.page.get_by_role("heading", name=WORDS["fr"]["done"])).to_be_visible()
    assert not letter(cubalys, subject)["allowed"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_notice_is_read_and_speaks_the_other_language_on_request(
    cubalys: Site, visit: Visits, lang: str
) -> None:
    version = cubalys.get("/v1/notices/site-banner")["version"]
    visitor = reader(visit, cubalys, lang)
    visitor.goes_to(f"{cubalys.server}/n/{version}")
    speaks(visitor, lang)
    text = visitor.page.locator("main").inner_text()
    for purpose in cubalys.told["tracker_purposes"]:
        assert cubalys.title(purpose, lang) in text
    assert version in text
    # The page's own words speak thirty languages, further down.
    visitor.page.get_by_role("link", name=WORDS[lang]["other"]).first.click()
    other = "en" if lang == "fr" else "fr"
    speaks(visitor, other)
    assert cubalys.title("analytics", other) in visitor.page.locator("main").inner_text()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_banners_receipt_is_read_without_script(
    cubalys: Site, visit: Visits, lang: str
) -> None:
    chooser = visit(cubalys, lang)
    chooser.arrives(cubalys.home(lang))
    chooser.presses("refuse_all")
    decision = chooser.decision()
    visitor = reader(visit, cubalys, lang)
    visitor.goes_to(f"{cubalys.server}/v1/receipts/{chooser.receipt()}")
    speaks(visitor, lang)
    text = visitor.page.locator("main").inner_text()
    assert decision["id"] in text
    for purpose in cubalys.told["tracker_purposes"]:
        assert cubalys.title(purpose, lang) in text
    assert chooser.memory[1] not in visitor.page.content()
    visitor.page.locator(f"a[href*='/n/{decision['notice_version']}']").click()
    assert decision["notice_version"] in visitor.page.locator("main").inner_text()


def test_wcag_1_4_10_the_pages_fit_a_telephone(cubalys: Site, visit: Visits) -> None:
    subject = somebody(cubalys)
    receipt = cubalys.post("/v1/decisions", agreement(cubalys, subject))["receipt"]
    version = cubalys.get("/v1/notices/site-banner")["version"]
    paths = (
        f"/n/{version}",
        f"/v1/receipts/{receipt}",
        "/",
        "/log/",
        "/v1/docs",
        "/u/no-such-link",
    )
    for lang in LANGUAGES:
        visitor = visit(cubalys, lang, width=320, height=640)
        for address in (link(cubalys, subject), *(f"{cubalys.server}{path}" for path in paths)):
            visitor.goes_to(address)
            assert visitor.page.locator("h1").is_visible()
            assert visitor.page.evaluate(_SIDEWAYS) <= 0, address
