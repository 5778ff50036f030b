"""The second way on a strict site: the browser checks the code, and brings the banner."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.test_embedding import PATH, Page, page_of, serving

if TYPE_CHECKING:
    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Demonstration, Site

# In one line with its nonce, so that nothing but the code itself is let in by its name.
MARKED = (
    '<script nonce="R4nd0m" type="text/plain" data-purpose="analytics">'
    "window.counted = true</script>"
)


@pytest.fixture
def told(demonstration: Demonstration, cubalys: Site) -> dict[str, Any]:
    """Give what the command line prints for a strict site."""
    words = ("sites", "embed", cubalys.id, "--lang", "en", "--json")
    done = demonstration.deployment.run(*words)
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def policy_of(site: Site) -> str:
    return (
        "default-src 'none'; script-src 'nonce-R4nd0m' 'strict-dynamic'; style-src"
        " 'nonce-R4nd0m'; require-trusted-types-for 'script';"
        f" connect-src {site.server}"
    )


def with_nonce(line: str) -> str:
    return line.replace("<script ", '<script nonce="R4nd0m" ')


@pytest.mark.parametrize("held", [False, True], ids=["fetched", "in the page"])
def test_the_code_is_checked_and_reads_its_configuration(
    visit: Visits, cubalys: Site, told: dict[str, Any], *, held: bool
) -> None:
    visitor = visit(cubalys, "en")
    parts = [with_nonce(told["strict"]["line"]), MARKED]
    if held:
        path = told["strict"]["configuration"].removeprefix(cubalys.server)
        configuration = visitor.page.request.get(f"{cubalys.server}{path}").text()
        tag = '<script type="application/json" data-consent-configuration>'
        parts.insert(0, f"{tag}{configuration}</script>")
    page = Page(visitor, page_of(*parts), policy_of(cubalys))
    assert page.said("counted") is None
    visitor.presses("accept_all")
    page.becomes_true("counted")
    visitor.receipt()
    asked = [one.url for one in visitor.requests if ".json" in one.url]
    assert bool(asked) is not held
    assert page.page.evaluate("Object.hasOwn(document, 'currentScript')") is False
    # One's own record is part of the code that was checked: nothing more is fetched for it.
    visitor.presses("open")
    visitor.banner.locator("[data-do=show]").click()
    expect(visitor.banner.locator("[data-record] li")).to_have_count(1)
    assert [one.url for one in visitor.requests if ".record.js" in one.url] == []


def test_one_byte_more_and_the_browser_refuses_it(
    visit: Visits, cubalys: Site, told: dict[str, Any]
) -> None:
    visitor = visit(cubalys, "en")
    visitor.expects("integrity")
    line = with_nonce(told["strict"]["line"]).replace("sha384-", "sha384-AAAA", 1)
    server = serving({f"{PATH}/": page_of(line)[""]}, policy_of(cubalys))
    address = f"http://127.0.0.1:{server.server_port}{PATH}/"
    visitor.page.route(f"{cubalys.origin}{PATH}/**", lambda route: route.continue_(url=address))
    visitor.goes_to(f"{cubalys.origin}{PATH}/")
    visitor.waits()
    expect(visitor.banner).to_have_count(0)
    assert any("integrity" in said for said in visitor.complaints)
