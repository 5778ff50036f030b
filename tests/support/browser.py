"""A real Chromium, the system's own: nothing is downloaded and nothing is called home."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome")
# The same Chromium without the windows, tabs and menus that nobody sees here: a visit takes a
# fifth of the processor time.
BARE_NAME = "chromium-headless-shell"
ADVICE = (
    "Chromium is needed: the banner and the people's pages are tested in it. "
    "`make test` installs it; by hand: apt-get install chromium"
)
FLAGS = [
    "--no-sandbox",  # it refuses to start as root with one, and it opens only our own pages
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class BrowserMissingError(RuntimeError):
    """The machine has no Chromium."""


def executable(*, whole: bool = False) -> str:
    """Find the system's Chromium; refuses when there is none."""
    for name in NAMES if whole else (BARE_NAME, *NAMES):
        if (found := shutil.which(name)) is not None:
            return found
    raise BrowserMissingError(ADVICE)


@contextmanager
def launched(*, whole: bool = False) -> Iterator[Browser]:
    """Give a headless browser, closed at the end; the whole of it, or what shows pages."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable(whole=whole), headless=True, args=FLAGS
        )
        try:
            yield browser
        finally:
            browser.close()
