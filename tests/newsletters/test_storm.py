"""A storm of scanners on a thousand links: nobody is unsubscribed, and a click works."""

from __future__ import annotations

import os
import threading
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from werkzeug.serving import make_server

from tests.newsletters.world import ADA, ONE_CLICK, count, dump, link, open_page, press

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from playwright.sync_api import Browser, Request

    from tests.support.house import House

SCANNER = {"User-Agent": "Mozilla/5.0 (compatible; SafeLinks)", "Accept": "*/*"}
LINKS = 1000
# In a browser at a time: each a page of its own with ten seconds to itself.
TABS = 50
# One lot of them here; the whole thousand when CONSENT_TEST_WHOLE is set (four minutes).
IN_BROWSERS = LINKS if os.environ.get("CONSENT_TEST_WHOLE") else TABS
STAY_MS = 10_000
OPEN_ALL = "(addresses) => addresses.forEach((each) => window.open(each))"


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Serve the application to a real browser."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def links(house: House, many: int) -> list[str]:
    """Make the links of so many readers; gives their paths."""
    asked = [
        {"subject": {"email": f"reader{number}@people.example"}, "purpose": "newsletter"}
        for number in range(many)
    ]
    given = house.post("/v1/unsubscribe-links", {"links": asked}).get_json()["links"]
    return [urlsplit(each["url"]).path for each in given]


def _note(sent: list[str], request: Request) -> None:
    sent.append(request.method)


def _stay(browser: Browser, addresses: list[str]) -> None:
    """Open them together, so that their ten seconds are the same ten, and leave."""
    context = browser.new_context(extra_http_headers={"X-Scanner": "1"})
    sent: list[str] = []
    context.on("request", partial(_note, sent))
    try:
        page = context.new_page()
        page.goto(addresses[0], wait_until="commit")
        page.evaluate(OPEN_ALL, addresses[1:])
        page.wait_for_timeout(STAY_MS)
        tabs = context.pages
        assert len(tabs) == len(addresses)
        for tab in tabs:
            assert tab.locator("script, meta[http-equiv], [autofocus]").count() == 0
            # Whatever a page would do by itself when it is left.
            tab.close(run_before_unload=True)
    finally:
        context.close()
    assert set(sent) == {"GET"}


def test_32_a_thousand_links_opened_by_machines_unsubscribe_nobody(house: House) -> None:
    house.tell(ADA)
    paths = [link(house), *links(house, LINKS - 1)]
    before = dump(house)
    for at, path in enumerate(paths):
        method = ("GET", "HEAD")[at % 2]
        assert house.client.open(path, method=method, headers=SCANNER).status_code == 200
    assert dump(house) == before
    assert count(house, "suppression") == 0
    assert house.why(ADA) == "consent"
    assert press(house, paths[0], open_page(house, paths[0])).status_code == 200
    assert house.why(ADA) == "withdrawn"
    assert house.client.post(paths[1], data=ONE_CLICK).status_code == 200


# A browser sees what HTTP gives it: once is enough.
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_32_browsers_with_scripts_that_stay_ten_seconds_unsubscribe_nobody(
    house: House, address: str, browser: Browser
) -> None:
    paths = [link(house), *links(house, IN_BROWSERS - 2)]
    asked = {"subject": ADA}
    paths.append(urlsplit(house.post("/v1/preference-links", asked).get_json()["url"]).path)
    house.tell(ADA)
    before = dump(house)
    for start in range(0, len(paths), TABS):
        _stay(browser, [address + path for path in paths[start : start + TABS]])
        assert dump(house) == before
    assert house.why(ADA) == "consent"
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(address + paths[0])
        page.get_by_role("button").first.click()
        page.get_by_role("status").wait_for()
    finally:
        context.close()
    assert house.why(ADA) == "withdrawn"
