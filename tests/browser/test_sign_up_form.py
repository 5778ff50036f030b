"""The sign-up form with its script: answered in its place, and no worse off without."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.own_page import serve
from tests.browser.test_axe import finds_nothing
from tests.browser.test_pages_without_script import letter
from tests.browser.test_sign_up import from_the_letter_box, in_order
from tests.browser.visitor import body_of

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Request

    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Demonstration, Site
    from tests.browser.visitor import Visitor

SENT = {"fr": "Encore une étape", "en": "One more step"}
MENDED = {"fr": "ne ressemble pas à une adresse", "en": "does not look like an e-mail address"}
AWAY = "could not be reached"
FOCUSED = "each => each === document.activeElement"


def somebody() -> str:
    return f"{secrets.token_hex(6)}@people.example"


def asked_of(visitor: Visitor) -> list[Request]:
    """List what was sent to the form's door."""
    return [
        each
        for each in visitor.requests
        if each.url.endswith("/subscriptions") and each.method == "POST"
    ]


def answer(page: Page) -> Locator:
    return page.locator(".consent-answer")


def opens(page: Page, address: str) -> None:
    """Open a demonstration page and go to its form, which fetches the form's script."""
    page.goto(address)
    page.evaluate(
        """() => new Promise((loaded) => {
          document.querySelector('#email').focus()
          document.querySelector('script[src*="/static/signup/"]').onload = loaded
        })"""
    )


def writes(page: Page, email: str) -> None:
    """Write an address, and press Enter."""
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=email]").press("Enter")


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_somebody_signs_up_without_leaving_the_page(
    site: Site, visit: Visits, lang: str
) -> None:
    email = somebody()
    dark = "dark" if lang == "fr" else "light"
    visitor = visit(site, lang, width=320, color_scheme=dark)
    page = visitor.page
    opens(page, site.home(lang))
    before = page.url
    writes(page, email)
    expect(answer(page)).to_contain_text(SENT[lang])
    # Whoever mistyped sees it; whoever listens hears it, and goes on from there.
    expect(answer(page)).to_contain_text(email)
    expect(answer(page)).to_have_attribute("role", "status")
    assert answer(page).evaluate(FOCUSED)
    expect(page.locator("main form")).to_have_count(0)
    finds_nothing(page)
    in_order(page)
    (sent,) = asked_of(visitor)
    assert page.url == before
    assert not any(email in each.url for each in visitor.requests)
    assert sent.headers.get("cookie") is None
    assert set(body_of(sent)) == {"email", "purposes", "notice_version", "language"}

    page.goto(from_the_letter_box(page, site, email))
    page.get_by_role("main").get_by_role("button").click()
    expect(page.get_by_role("link", name="reçu" if lang == "fr" else "receipt")).to_be_visible()
    assert letter(site, {"email": email})["because"] == "consent"


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_fault_stands_beside_its_field_and_goes_once_it_is_mended(
    cubalys: Site, visit: Visits, lang: str
) -> None:
    visitor = visit(cubalys, lang)
    visitor.expects("422")
    page = visitor.page
    opens(page, cubalys.home(lang))
    # A browser takes this for an address.
    writes(page, "a@b")
    field = page.locator("input[name=email]")
    fault = page.locator(".consent-fault")
    expect(fault).to_contain_text(MENDED[lang])
    expect(field).to_have_attribute("aria-invalid", "true")
    told = (field.get_attribute("aria-describedby") or "").split()
    assert told == [fault.get_attribute("id"), "then"]
    assert field.evaluate(FOCUSED)
    finds_nothing(page)
    writes(page, somebody())
    expect(answer(page)).to_contain_text(SENT[lang])
    # Another address after all: the form is there again, sound, and asks anew.
    answer(page).get_by_role("button").click()
    expect(fault).to_have_count(0)
    assert field.get_attribute("aria-invalid") is None
    assert field.get_attribute("aria-describedby") == "then"
    assert field.evaluate(FOCUSED)
    writes(page, somebody())
    expect(answer(page)).to_contain_text(SENT[lang])


def test_who_presses_twice_asks_once(cubalys: Site, visit: Visits) -> None:
    visitor = visit(cubalys, "en")
    page = visitor.page
    opens(page, cubalys.home("en"))
    page.locator("input[name=email]").fill(somebody())
    page.locator("main form").evaluate("form => { for (let i = 3; i--;) form.requestSubmit() }")
    expect(answer(page)).to_contain_text(SENT["en"])
    assert len(asked_of(visitor)) == 1


def test_where_the_script_reaches_nobody_the_next_press_goes_the_plain_way(
    cubalys: Site, visit: Visits
) -> None:
    visitor = visit(cubalys, "en")
    visitor.expects("ERR_FAILED")
    page = visitor.page
    opens(page, cubalys.home("en"))
    page.route(
        "**/subscriptions",
        lambda route, request: (
            route.abort() if request.resource_type == "fetch" else route.continue_()
        ),
    )
    writes(page, somebody())
    expect(answer(page)).to_contain_text(AWAY)
    page.locator("input[name=email]").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(SENT["en"])
    assert page.url.endswith("/subscriptions")


# What a form of several boxes looks like, as the manual shows it.
FORM = """<form method="post" action="{server}/v1/sites/{id}/subscriptions">
<input type="hidden" name="notice_version" value="{version}">
<input type="hidden" name="language" value="fr">{more}
<label>כתובת <input name="email" type="email" required></label>
<label><input type="checkbox" name="purposes" value="{purpose}"> העיתון</label>
<button>שליחה</button></form>"""


def on_a_strict_page(
    visitor: Visitor, site: Site, demonstration: Demonstration, more: str = ""
) -> None:
    """Open a page in Hebrew whose policy lets in nothing but what it names."""
    words = ("sites", "embed", site.id, "--lang", "he", "--json")
    done = demonstration.deployment.run(*words)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    policy = (
        "default-src 'none'; script-src 'nonce-R4nd0m' 'strict-dynamic';"
        " require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none';"
        f" connect-src {site.server}; form-action {site.server}"
    )
    form = FORM.format(
        server=site.server,
        id=site.id,
        version=site.told["form_notice_version"],
        purpose=site.told["newsletter_purpose"],
        more=more,
    )
    address = serve(
        visitor.context,
        site.origin,
        head=told["form"]["strict"].replace("<script ", '<script nonce="R4nd0m" '),
        body=f'<div dir="rtl" lang="he">{form}</div>',
        headers={"Content-Security-Policy": policy},
    )
    visitor.page.goto(address)


def test_a_strict_page_that_reads_from_right_to_left(
    cubalys: Site, visit: Visits, demonstration: Demonstration
) -> None:
    visitor = visit(cubalys, "en", width=320)
    visitor.expects("422")
    page = visitor.page
    on_a_strict_page(visitor, cubalys, demonstration)
    email = somebody()
    writes(page, email)
    # Nothing is ticked before the person ticks it: the fault stands behind the box's label.
    fault = page.locator("label + .consent-fault")
    expect(fault).to_be_visible()
    box = page.locator("input[type=checkbox]")
    assert box.evaluate(FOCUSED)
    finds_nothing(page)
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(answer(page).locator("bdi")).to_have_text(email)
    expect(answer(page)).to_have_attribute("dir", "rtl")
    expect(answer(page)).to_have_attribute("lang", "he")
    expect(fault).to_have_count(0)
    finds_nothing(page)
    in_order(page)


def test_a_site_says_thank_you_on_a_page_of_its_own(
    cubalys: Site, visit: Visits, demonstration: Demonstration
) -> None:
    visitor = visit(cubalys, "en")
    more = f'<input type="hidden" name="return_to" value="{cubalys.privacy()}">'
    on_a_strict_page(visitor, cubalys, demonstration, more)
    visitor.page.locator("input[type=checkbox]").check()
    writes(visitor.page, somebody())
    visitor.page.wait_for_url(cubalys.privacy())
