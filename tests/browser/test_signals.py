"""Other companies' tags hear denied before all else, and afterwards what stands (§3.4-3.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.browser.companies import COMPANIES, PURPOSES, RECORDER, answer, heard, tags
from tests.browser.trial import BANNER
from tests.browser.visitor import NOTHING_KEPT
from tests.support.recipes import recipes

if TYPE_CHECKING:
    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Site
    from tests.browser.trial import Trials
    from tests.browser.visitor import Visitor

SIGNALS: dict[str, dict[str, Any]] = {
    "google": {
        "ad_storage": ["advertising"],
        "ad_user_data": ["advertising"],
        "ad_personalization": ["advertising"],
        "analytics_storage": ["analytics"],
        "security_storage": ["necessary"],
    },
    "microsoft": {"ad_storage": ["advertising"], "analytics_storage": ["analytics"]},
    "meta": {"purposes": ["advertising"]},
    "matomo": {"purposes": ["analytics"]},
    "piano": {"purposes": ["analytics"], "queue": "pianoQueue"},
    "data_layer": {"name": "events"},
}


@pytest.fixture
def site(trials: Trials) -> Site:
    """Give a site that tells everybody."""

    def change(document: dict[str, Any]) -> None:
        document["sites"][0]["signals"] = SIGNALS

    return trials.site("signals", change)


def google(ads: str, analytics: str) -> dict[str, str]:
    return {
        "ad_storage": ads,
        "ad_user_data": ads,
        "ad_personalization": ads,
        "analytics_storage": analytics,
        "functionality_storage": "denied",
        "personalization_storage": "denied",
        "security_storage": "granted",
    }


ALL_DENIED = {**google("denied", "denied"), "security_storage": "denied"}
# What each company is told for an answer about advertising, and one about analytics.
WORDS = {
    "granted": {
        "uet": ["consent", "update", {"ad_storage": "granted"}],
        "clarity": ["consentv2", {"ad_Storage": "granted", "analytics_Storage": "granted"}],
        "meta": ["consent", "grant"],
        "matomo": ["setConsentGiven"],
        "piano": ["consent.setMode", "opt-in"],
    },
    "denied": {
        "uet": ["consent", "update", {"ad_storage": "denied"}],
        "clarity": ["consentv2", {"ad_Storage": "denied", "analytics_Storage": "denied"}],
        "meta": ["consent", "revoke"],
        "matomo": ["forgetConsentGiven"],
        "piano": ["consent.setMode", "opt-out"],
    },
}
# What each is told first on every page.
FIRST = {
    "google": ["consent", "default", {**ALL_DENIED, "wait_for_update": 500}],
    "uet": ["consent", "default", {"ad_storage": "denied"}],
    "clarity": ["consentv2", {"ad_Storage": "denied", "analytics_Storage": "denied"}],
    "meta": ["consent", "revoke"],
    "matomo": ["requireConsent"],
    "piano": ["v2", "opt-out"],
}
CONSENT = {"consent", "consentv2", "consent.setMode"}


def told(visitor: Visitor, company: str) -> list[list[Any]]:
    """List what a company was told about consent, in its order."""
    return [
        said
        for said in heard(visitor)[company]
        if said[0] in CONSENT or str(said[0]).endswith(("Consent", "ConsentGiven"))
    ]


def hears(visitor: Visitor, state: str) -> None:
    """Wait until every company's tag has loaded, and compare the last that each was told."""
    visitor.page.wait_for_function(
        "Object.values(heard).every((said) => said.length)", timeout=10_000
    )
    last = {company: told(visitor, company)[-1] for company in COMPANIES}
    assert last == {"google": ["consent", "update", google(state, state)], **WORDS[state]}


@pytest.fixture
def visitor(site: Site, visit: Visits) -> Visitor:
    """Give somebody on the site for the first time."""
    return visit(site, "en")


def test_gcm_3_nothing_is_asked_of_anybody_before_the_choice(
    trials: Trials, site: Site, visitor: Visitor
) -> None:
    asked = answer(visitor)
    visitor.arrives(trials.put(site, RECORDER + BANNER + tags(held=True)))
    visitor.waits()
    assert asked == []
    assert heard(visitor) == {company: [] for company in COMPANIES}
    assert visitor.cookies == {}
    assert visitor.kept_on_device == NOTHING_KEPT


def test_gcm_3_nothing_is_asked_of_anybody_after_a_refusal(
    trials: Trials, site: Site, visitor: Visitor
) -> None:
    asked = answer(visitor)
    address = trials.put(site, RECORDER + BANNER + tags(held=True))
    visitor.arrives(address)
    visitor.presses("refuse_all")
    visitor.sees("closed")
    visitor.waits()
    visitor.arrives(address, asked=False)
    visitor.waits()
    assert asked == []


def test_gcm_1_uet_1_uet_2_meta_1_a_yes_is_told_and_its_withdrawal_too(
    trials: Trials, site: Site, visitor: Visitor
) -> None:
    answer(visitor)
    address = trials.put(site, RECORDER + BANNER + tags(held=True))
    visitor.arrives(address)
    visitor.presses("accept_all")
    hears(visitor, "granted")
    visitor.presses("open")
    visitor.presses("refuse_all")
    hears(visitor, "denied")
    visitor.presses("open")
    visitor.presses("accept_all")
    hears(visitor, "granted")
    visitor.receipt()
    updates = [said for said in told(visitor, "google") if said[1] == "update"]
    assert len(updates) == 3, "one for each decision"


def test_gcm_1_uet_1_uet_2_meta_1_denied_is_said_first_on_every_page(
    trials: Trials, site: Site, visitor: Visitor
) -> None:
    answer(visitor)
    address = trials.put(site, RECORDER + BANNER + tags(held=True))
    visitor.arrives(address)
    visitor.presses("accept_all")
    hears(visitor, "granted")
    visitor.arrives(address, asked=False)
    hears(visitor, "granted")
    for company in COMPANIES:
        first = heard(visitor)[company][0] if company == "piano" else told(visitor, company)[0]
        assert first == FIRST[company]
    # One update, with all seven, for the answers that stood already.
    assert len(told(visitor, "google")) == 2


def test_gcm_1_with_our_line_first_a_tag_that_does_not_wait_hears_denied_before_it_begins(
    trials: Trials, site: Site, visitor: Visitor
) -> None:
    answer(visitor)
    first = f'<script src="{site.script("en")}"></script>'
    visitor.arrives(trials.put(site, RECORDER + first + tags(held=False), path="/advanced"))
    visitor.page.wait_for_function("Object.values(heard).every((said) => said.length)")
    for company in COMPANIES:
        assert heard(visitor)[company][0] == FIRST[company]
    assert heard(visitor)["google"][1] == ["set", "ads_data_redaction", True]
    visitor.presses("accept_all")
    hears(visitor, "granted")
    visitor.presses("open")
    visitor.presses("refuse_all")
    hears(visitor, "denied")


def test_gcm_1_uet_1_uet_2_the_head_line_says_denied_before_a_tag_that_comes_before_us(
    trials: Trials, site: Site, visitor: Visitor
) -> None:
    line = recipes("embedding.md")["signals"]
    assert len(line.encode()) <= 700
    answer(visitor)
    # A page as slow as can be: ours comes when every other tag has loaded and spoken.
    late = f"""<script>addEventListener('load', () => document.head.append(
      Object.assign(document.createElement('script'), {{ src: '{site.script("en")}' }})))
      </script>"""
    address = trials.put(site, RECORDER + line + tags(held=False) + late, path="/late")
    visitor.arrives(address)
    for company in ("google", "uet", "clarity"):
        assert told(visitor, company)[0] == FIRST[company]
    assert len(told(visitor, "google")) == 1
    visitor.presses("accept_all")
    hears(visitor, "granted")
    visitor.arrives(address, asked=False)
    hears(visitor, "granted")
    assert told(visitor, "google")[0] == FIRST["google"]


def test_gcm_1_uet_1_uet_2_meta_1_what_the_head_line_holds_hears_denied_before_it_begins(
    trials: Trials, visit: Visits
) -> None:
    def change(document: dict[str, Any]) -> None:
        google = {**SIGNALS["google"], "advanced_signed_by": "Jeanne Martin"}
        document["sites"][0]["signals"] = {**SIGNALS, "google": google}
        for tracker in document["trackers"]:
            uses = set(tracker["purposes"])
            tracker["hosts"] = [host for host, use in PURPOSES.items() if use in uses]

    site = trials.site("headed", change)
    told_of = httpx.get(f"{site.server}/v1/sites/{site.id}/experience", trust_env=False)
    line = told_of.json()["head"]["line"]
    visitor = visit(site, "en")
    asked = answer(visitor)
    page = RECORDER + line + tags(held=False)
    visitor.arrives(trials.put(site, page + BANNER, path="/headed"))
    # Nobody holds them but the line: told once, they run and obey.
    visitor.page.wait_for_function("Object.values(heard).every((said) => said.length)")
    for company in COMPANIES:
        # Matomo sorts its own list; everybody else reads from the front.
        said = told(visitor, company) if company == "matomo" else heard(visitor)[company]
        assert said[0] == FIRST[company]
    visitor.presses("accept_all")
    hears(visitor, "granted")
    # Without our script nobody tells them, and they do not run.
    asked.clear()
    visitor.goes_to(trials.put(site, page, path="/headed"))
    visitor.waits()
    assert heard(visitor) == {company: [] for company in COMPANIES}


@pytest.mark.parametrize("signed", [None, "Jeanne Martin"])
def test_gcm_3_held_google_tags_pass_before_the_choice_only_where_somebody_signed(
    trials: Trials, visit: Visits, signed: str | None
) -> None:
    def change(document: dict[str, Any]) -> None:
        google = {"ad_storage": ["advertising"], "advanced_signed_by": signed}
        banner = {"auto_block": True, "network_guard": True}
        document["sites"][0].update({"signals": {"google": google}, "banner": banner})

    site = trials.site("advanced" if signed else "basic", change)
    visitor = visit(site, "en")
    asked = answer(visitor)
    google = "https://www.googletagmanager.com/gtag/js?id=G-1"
    meta = "https://connect.facebook.net/en_US/fbevents.js"
    visitor.arrives(trials.put(site, RECORDER + BANNER))
    visitor.page.evaluate(
        """(addresses) => addresses.forEach((src) =>
          document.head.append(Object.assign(document.createElement('script'), { src })))""",
        [google, meta],
    )
    visitor.waits()
    assert asked == ([google] if signed else [])
    assert visitor.page.evaluate("[...dataLayer[0]].slice(0, 2)") == ["consent", "default"]


@pytest.mark.parametrize(
    ("granted", "expected"),
    [
        ("advertising", google("granted", "denied")),
        ("analytics", google("denied", "granted")),
    ],
)
def test_gcm_4_one_purpose_is_told_without_the_other(
    trials: Trials, site: Site, visitor: Visitor, granted: str, expected: dict[str, str]
) -> None:
    answer(visitor)
    visitor.arrives(trials.put(site, RECORDER + BANNER))
    visitor.presses("choose")
    visitor.switch(granted).check()
    visitor.presses("save")
    visitor.sees("closed")
    said = visitor.page.evaluate("dataLayer.map((one) => [...one])")
    assert said[-1] == ["consent", "update", expected]
    assert visitor.page.evaluate("uetq.at(-1)") == {"ad_storage": expected["ad_storage"]}


def test_a_tag_manager_hears_that_answers_are_known_and_each_change(
    trials: Trials, site: Site, visitor: Visitor
) -> None:
    answer(visitor)
    address = trials.put(site, RECORDER + BANNER)
    visitor.arrives(address)
    visitor.presses("refuse_all")
    visitor.sees("closed")
    no = dict.fromkeys(("analytics", "advertising", "video"), "refused")
    assert visitor.page.evaluate("events") == [
        {"event": "consent_ready", "consent": {}},
        {"event": "consent_change", "consent": no},
    ]
    visitor.arrives(address, asked=False)
    assert visitor.page.evaluate("events") == [
        {"event": "consent_change", "consent": no},
        {"event": "consent_ready", "consent": no},
    ]


SPOILT = """<script>
  window.dataLayer = 7; window.uetq = Object.freeze([]); window.events = 'x'
  Object.prototype.spoilt = ['advertising']
  Object.defineProperty(window, 'fbq', { value: () => { throw new Error('fbq') } })
</script>"""


def test_a_page_that_has_spoilt_the_lists_still_asks_and_keeps_trackers_off(
    trials: Trials, site: Site, visitor: Visitor
) -> None:
    answer(visitor)
    clobbered = '<form id="_paq"></form><form id="pdl"><input name="consent"></form>'
    marked = '<script type="text/plain" data-purpose="video">window.ran = true</script>'
    page = RECORDER + SPOILT + BANNER
    # Listeners that throw are the browser's to report; none of them may stop the banner.
    visitor.expects("is not a function", "fbq", "not extensible", "read only", "push")
    visitor.arrives(trials.put(site, page, clobbered + marked, path="/spoilt"))
    assert visitor.page.evaluate("window.ran") is None
    visitor.presses("accept_all")
    visitor.sees("closed")
    visitor.page.wait_for_function("window.ran")
    visitor.receipt()
