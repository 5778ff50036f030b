"""One running demonstration for all browser tests, and visitors who watch what happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.demonstration import Demonstration, Site
from tests.browser.shop import elsewhere, page, shop, web
from tests.browser.trial import Trials
from tests.browser.visitor import SOON, Visitor
from tests.support import databases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext

# Fixtures, each made once for all the tests that ask for it.
__all__ = ["elsewhere", "page", "shop", "web"]

LOCALES = {"fr": "fr-FR", "en": "en-GB"}

expect.set_options(timeout=SOON * 1000)


@pytest.fixture(scope="session")
def demonstration(
    run_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Demonstration]:
    """Give a running demonstration without people."""
    data = tmp_path_factory.mktemp("demonstration")
    with (
        databases.fresh("sqlite", run_folder, data) as database,
        Demonstration(database, data) as running,
    ):
        yield running


@pytest.fixture(params=["cubalys", "hebergis"])
def site(request: pytest.FixtureRequest, demonstration: Demonstration) -> Site:
    """Give both websites in turn."""
    return demonstration.site(request.param)


@pytest.fixture
def cubalys(demonstration: Demonstration) -> Site:
    """Give one website, where the other would show nothing more."""
    return demonstration.site("cubalys")


@pytest.fixture(scope="session")
def trials(demonstration: Demonstration) -> Iterator[Trials]:
    """Give websites of the tests' own, with banners of the same server."""
    with Trials(demonstration) as running:
        yield running


class Visits:
    """Makes visitors, each with a browser profile of their own."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.visitors: list[Visitor] = []

    def __call__(
        self, site: Site, lang: str = "fr", *, width: int = 1280, height: int = 800, **more: Any
    ) -> Visitor:
        """Let somebody come for the first time."""
        context = self._context(lang, width, height, **more)
        visitor = Visitor(context, site)
        self.visitors.append(visitor)
        return visitor

    def again(self, visitor: Visitor, lang: str = "fr") -> Visitor:
        """Let somebody come back another day: with their cookies, and nothing in the cache."""
        state = visitor.context.storage_state()
        return self(visitor.site, lang, storage_state=state)

    def _context(self, lang: str, width: int, height: int, **more: Any) -> BrowserContext:
        context = self._browser.new_context(
            locale=LOCALES[lang], viewport={"width": width, "height": height}, **more
        )
        context.set_default_timeout(SOON * 1000)
        return context


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visits]:
    """Give the maker of visitors; no browser may have had anything to complain of."""
    visits = Visits(browser)
    yield visits
    complaints = [said for visitor in visits.visitors for said in visitor.unexpected]
    for visitor in visits.visitors:
        visitor.context.close()
    assert complaints == []
