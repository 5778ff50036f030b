"""Pages made for another banner work with ours: one line changed, every mark left as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.companies import answer
from tests.browser.trial import BANNER
from tests.browser.visitor import NOTHING_KEPT

if TYPE_CHECKING:
    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Site
    from tests.browser.trial import Trials
    from tests.browser.visitor import Visitor

MEANS: Final = {
    "vanilla-cookieconsent": {"statistics": "analytics", "marketing": "advertising"},
    "klaro": {"counter": "analytics", "pixel": "advertising", "player": "video"},
    "cookiebot": {"statistics": "analytics", "marketing": "advertising"},
    "onetrust": {"C0002": "analytics", "C0004": "advertising"},
    "tarteaucitron": {
        "gtag": "analytics",
        "clarity": "analytics",
        "matomo": "analytics",
        "hotjar": "analytics",
        "facebookpixel": "advertising",
        "googleads": "advertising",
        "googletagmanager": "advertising",
        "youtube": "video",
        "vimeo": "video",
        "dailymotion": "video",
    },
}

# For each banner: a page, and what it asks for once each purpose alone is granted.
PAGES: Final[dict[str, tuple[str, dict[str, set[str]]]]] = {
    "vanilla-cookieconsent": (
        """
        <script type="text/plain" data-category="statistics"
                data-src="https://stats.test/a.js"></script>
        <script type="text/plain" data-category="marketing" data-service="Pixel"
                src="https://ads.test/b.js"></script>
        <script type="text/plain" data-category="marketing">lit('ads')</script>
        <script type="text/plain" data-category="!marketing">lit('never')</script>
        <script type="text/plain" data-category="other">lit('never')</script>
        """,
        {"analytics": {"stats.test"}, "advertising": {"ads.test", "ads"}, "video": set()},
    ),
    "klaro": (
        """
        <script type="text/plain" data-type="application/javascript" data-name="counter"
                data-src="https://stats.test/a.js"></script>
        <script type="text/plain" data-type="text/javascript"
                data-name="pixel">lit('ads')</script>
        <img data-name="pixel" data-src="https://ads.test/p.gif" alt="">
        <iframe data-name="player" data-src="https://video.test/1" title="A film"></iframe>
        <script type="text/plain" data-name="constructor">lit('never')</script>
        """,
        {
            "analytics": {"stats.test"},
            "advertising": {"ads", "ads.test"},
            "video": {"video.test"},
        },
    ),
    "cookiebot": (
        """
        <script type="text/plain" data-cookieconsent="statistics"
                src="https://stats.test/a.js"></script>
        <script type="text/plain" data-cookieconsent="marketing">lit('ads')</script>
        <script type="text/plain" data-cookieconsent="marketing,statistics">
          lit('both')
        </script>
        <iframe data-cookieconsent="marketing" data-cookieblock-src="https://ads.test/1"
                title="A film"></iframe>
        <script data-cookieconsent="ignore">window.own = true</script>
        """,
        {"analytics": {"stats.test"}, "advertising": {"ads", "ads.test"}, "video": set()},
    ),
    "onetrust": (
        """
        <script type="text/plain" class="optanon-category-C0002"
                src="https://stats.test/a.js"></script>
        <script type="text/plain" class="own optanon-category-C0004">lit('ads')</script>
        <script type="text/plain" class="optanon-category-C0002-C0004">lit('both')</script>
        <iframe class="optanon-category-C0004" data-src="https://ads.test/1"
                title="A film"></iframe>
        <script type="text/plain" class="optanon-category-C0005">lit('never')</script>
        """,
        {"analytics": {"stats.test"}, "advertising": {"ads", "ads.test"}, "video": set()},
    ),
    "tarteaucitron": (
        """
        <script>
          tarteaucitron.init({privacyUrl: '', orientation: 'middle'})
          Object.assign(tarteaucitron.user, {gtagUa: 'G-1', clarity: 'abc', matomoId: 7,
            matomoHost: 'https://counter.test/', hotjarId: 1, HotjarSv: 6,
            facebookpixelId: '42', googleadsId: 'AW-1', googletagmanagerId: 'GTM-1'})
          tarteaucitron.user.gtagMore = () => lit('more')
        </script>
        <div class="youtube_player" videoID="y1" width="560" height="315"></div>
        <div class="vimeo_player" data-videoID="v1" width="560" height="315"></div>
        <div class="dailymotion_player" videoID="d1" width="560" height="315"></div>
        <script>
          for (const name of ['gtag', 'clarity', 'matomo', 'hotjar', 'facebookpixel',
            'googleads', 'googletagmanager', 'youtube', 'vimeo', 'dailymotion'])
            (tarteaucitron.job = tarteaucitron.job || []).push(name)
        </script>
        """,
        {
            "analytics": {
                "more",
                "www.googletagmanager.com/gtag/js?id=G-1",
                "www.clarity.ms/tag/abc",
                "counter.test/matomo.js",
                "static.hotjar.com/c/hotjar-1.js?sv=6",
            },
            "advertising": {
                "connect.facebook.net/en_US/fbevents.js",
                "www.googletagmanager.com/gtag/js?id=AW-1",
                "www.googletagmanager.com/gtm.js?id=GTM-1",
            },
            "video": {
                "www.youtube-nocookie.com/embed/y1",
                "player.vimeo.com/video/v1",
                "www.dailymotion.com/embed/video/d1",
            },
        },
    ),
}
_LAMPS = "<script>window.lamps = []; window.lit = (name) => lamps.push(name)</script>"
VENDORS = pytest.mark.parametrize("vendor", list(PAGES))


class Page:
    """One page made for another banner, and what happened on it."""

    def __init__(self, trials: Trials, visitor: Visitor, vendor: str) -> None:
        self.visitor = visitor
        self._vendor = vendor
        self._asked = answer(visitor)
        body, self.expected = PAGES[vendor]
        # Pages talk to tarteaucitron while they load, so its line has no `async`; ours neither.
        line = f'<script src="{visitor.site.script("en")}"></script>'
        head = _LAMPS + (line if vendor == "tarteaucitron" else BANNER)
        self.address = trials.put(visitor.site, head, body, path=f"/{vendor}")

    @property
    def happened(self) -> set[str]:
        """Name what ran and who was asked."""
        whole = self._vendor == "tarteaucitron"
        asked = {
            url.removeprefix("https://") if whole else urlsplit(url).netloc
            for url in self._asked
        }
        return asked | set(self.visitor.page.evaluate("lamps"))

    def shows(self, *purposes: str) -> None:
        """Wait until exactly what these purposes stand for has happened."""
        wanted = set().union(*(self.expected[purpose] for purpose in purposes))
        for _ in range(100):
            if wanted <= self.happened:
                break
            self.visitor.page.wait_for_timeout(50)
        self.visitor.waits()
        both = {"both"} if {"analytics", "advertising"} <= set(purposes) else set()
        assert self.happened - both == wanted
        assert self.happened <= wanted | both

    def forget(self) -> None:
        """Count anew from here."""
        self._asked.clear()


@pytest.fixture
def site(trials: Trials) -> Site:
    """Give a site on whose pages every other banner has left its marks."""

    def change(document: dict[str, Any]) -> None:
        document["sites"][0]["markup"] = [
            {
                "vendor": vendor,
                "means": [{"name": name, "purpose": means[name]} for name in means],
            }
            for vendor, means in MEANS.items()
        ]

    return trials.site("marks", change)


@VENDORS
def test_cnil_1_nothing_runs_before_the_choice_nor_after_a_refusal(
    trials: Trials, site: Site, visit: Visits, vendor: str
) -> None:
    visitor = visit(site, "en")
    page = Page(trials, visitor, vendor)
    visitor.arrives(page.address)
    page.shows()
    assert visitor.cookies == {}
    assert visitor.kept_on_device == NOTHING_KEPT
    visitor.presses("refuse_all")
    visitor.sees("closed")
    page.shows()
    visitor.arrives(page.address, asked=False)
    page.shows()


@VENDORS
@pytest.mark.parametrize("purpose", ["analytics", "advertising", "video"])
def test_a_mark_runs_with_its_own_purpose_and_no_other(
    trials: Trials, site: Site, visit: Visits, vendor: str, purpose: str
) -> None:
    visitor = visit(site, "en")
    page = Page(trials, visitor, vendor)
    visitor.arrives(page.address)
    visitor.presses("choose")
    visitor.switch(purpose).check()
    visitor.presses("save")
    visitor.sees("closed")
    page.shows(purpose)


@VENDORS
def test_everything_runs_after_a_yes_and_nothing_on_the_page_after_its_withdrawal(
    trials: Trials, site: Site, visit: Visits, vendor: str
) -> None:
    visitor = visit(site, "en")
    page = Page(trials, visitor, vendor)
    visitor.arrives(page.address)
    visitor.presses("accept_all")
    page.shows("analytics", "advertising", "video")
    visitor.presses("open")
    visitor.presses("refuse_all")
    visitor.sees("closed")
    assert visitor.page.locator("iframe[src]").count() == 0
    page.forget()
    visitor.arrives(page.address, asked=False)
    page.shows()


def test_a_mark_of_two_categories_waits_for_both(
    trials: Trials, site: Site, visit: Visits
) -> None:
    visitor = visit(site, "en")
    page = Page(trials, visitor, "cookiebot")
    visitor.arrives(page.address)
    visitor.presses("accept_all")
    visitor.page.wait_for_function("lamps.includes('both')")


def test_what_another_banner_lets_run_by_itself_is_left_alone(
    trials: Trials, site: Site, visit: Visits
) -> None:
    visitor = visit(site, "en")
    visitor.arrives(Page(trials, visitor, "cookiebot").address)
    assert visitor.page.evaluate("own") is True


def test_a_place_for_a_player_is_held_with_a_button_and_shown_after_a_yes(
    trials: Trials, site: Site, visit: Visits
) -> None:
    visitor = visit(site, "en")
    page = Page(trials, visitor, "tarteaucitron")
    visitor.arrives(page.address)
    expect(visitor.page.locator("consent-placeholder")).to_have_count(3)
    visitor.presses("accept_all")
    expect(visitor.page.locator("consent-placeholder")).to_have_count(0)
    frame = visitor.page.locator("iframe").first
    expect(frame).to_have_attribute("width", "560")
    expect(frame).to_be_visible()


def test_tarteaucitrons_own_door_opens_the_second_layer(
    trials: Trials, site: Site, visit: Visits
) -> None:
    visitor = visit(site, "en")
    visitor.arrives(Page(trials, visitor, "tarteaucitron").address)
    visitor.page.evaluate("tarteaucitron.userInterface.openPanel()")
    visitor.sees("second_layer")
