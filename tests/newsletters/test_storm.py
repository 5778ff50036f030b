"""A storm of scanners on a thousand links: nobody is unsubscribed, and a click works."""

from __future__ import annotations

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


def _note(sent: list[str], request: Request) -> None:
    sent.append(request.method)


def test_32_a_thousand_links_opened_by_machines_unsubscribe_nobody(house: House) -> None:
    house.tell(ADA)
    asked = [
        {"subject": {"email": f"reader{number}@people.example"}, "purpose": "newsletter"}
        for number in range(LINKS - 1)
    ]
    given = house.post("/v1/unsubscribe-links", {"links": asked}).get_json()["links"]
    paths = [link(house), *(urlsplit(each["url"]).path for each in given)]
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


def test_32_a_browser_with_scripts_that_stays_unsubscribes_nobody(
    house: House, address: str, browser: Browser
) -> None:
    house.tell(ADA)
    path = link(house)
    asked = {"subject": ADA}
    centre = urlsplit(house.post("/v1/preference-links", asked).get_json()["url"]).path
    context = browser.new_context(extra_http_headers={"X-Scanner": "1"})
    try:
        for opened in (path, centre, path):
            page = context.new_page()
            sent: list[str] = []
            page.on("request", partial(_note, sent))
            page.goto(address + opened, wait_until="networkidle")
            # Whatever a page would do by itself after ten seconds, or when it is left.
            page.evaluate("() => window.dispatchEvent(new Event('beforeunload'))")
            assert page.locator("script, meta[http-equiv], [autofocus]").count() == 0
            page.close()
            assert set(sent) == {"GET"}
        assert house.why(ADA) == "consent"
        page = context.new_page()
        page.goto(address + path)
        page.get_by_role("button").first.click()
        page.get_by_role("status").wait_for()
    finally:
        context.close()
    assert house.why(ADA) == "withdrawn"
