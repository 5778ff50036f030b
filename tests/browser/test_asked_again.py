"""A notice changes: people are asked again about what the change touches, and only then."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.demonstration import TRACKERS

if TYPE_CHECKING:
    from tests.browser.conftest import Visits
    from tests.browser.demonstration import Demonstration, Site
    from tests.browser.visitor import Visitor

ADVERTISER = "provider: Broadhail, Inc."
SPELT = ("just as well after a no.", "just as well, after a “no”.")


@pytest.fixture
def hebergis(demonstration: Demonstration) -> Site:
    """Give the website whose organisation changes its mind."""
    return demonstration.site("hebergis")


def pass_to_another_company(demonstration: Demonstration, site: Site) -> tuple[str, Any]:
    """Let another company read the device: a material change; gives its name."""
    name = f"Hailstone {secrets.token_hex(3)}"
    return name, demonstration.apply(site, ADVERTISER, f"provider: {name}")


def answered(visit: Visits, site: Site, action: str) -> Visitor:
    """Give somebody whose answer the server has."""
    visitor = visit(site, "en")
    visitor.arrives(site.film("en"))
    visitor.presses(action)
    visitor.receipt()
    return visitor


def versions(visitor: Visitor) -> dict[str, int]:
    """Give the number of the version under which each answer was given."""
    return {
        said.split("-", 1)[1]: int(said.split("-", 1)[0][1:]) for said in visitor.memory[5:]
    }


def test_after_a_material_change_the_visitor_is_asked_again_and_told_why(
    demonstration: Demonstration, hebergis: Site, visit: Visits
) -> None:
    before = answered(visit, hebergis, "accept_all")
    company, applied = pass_to_another_company(demonstration, hebergis)
    assert "material" in {made["judgement"] for made in applied["published"]}

    # The server knows before the visitor is back.
    subject = {"visitor": before.memory[1]}
    assert hebergis.ask(subject, "advertising")["because"] == "superseded"
    assert hebergis.ask(subject, "analytics")["because"] == "consent"

    back = visit.again(before, "en")
    back.arrives(hebergis.film("en"))
    told = back.banner.locator("p").first.inner_text()
    assert hebergis.title("advertising", "en") in told
    assert hebergis.title("analytics", "en") not in told
    # What the change does not touch stands; what it touches waits.
    back.sees_lit("analytics", "video")
    back.waits()
    assert back.asked_for == {"analytics", "video"}
    back.presses("choose")
    assert back.switch("analytics").is_checked()
    assert not back.switch("advertising").is_checked()
    back.purpose("advertising").locator("summary").click()
    assert company in back.purpose("advertising").inner_text()

    back.presses("accept_all")
    back.sees_lit(*TRACKERS)
    record = back.decision()
    assert record["previous"]
    assert record["notice_version"] == hebergis.get("/v1/notices/site-banner")["version"]
    assert versions(back)["advertising"] == versions(before)["advertising"] + 1
    visit.again(back, "en").arrives(hebergis.home("en"), asked=False)


def test_after_an_editorial_change_nobody_is_asked_again(
    demonstration: Demonstration, hebergis: Site, visit: Visits
) -> None:
    before = answered(visit, hebergis, "accept_all")
    applied = demonstration.apply(hebergis, *SPELT)
    assert {made["judgement"] for made in applied["published"]} == {"editorial"}

    back = visit.again(before, "en")
    back.arrives(hebergis.film("en"), asked=False)
    back.sees_lit(*TRACKERS)
    back.waits()
    back.sees("closed")
    assert back.sent == []
    # Who comes for the first time reads the new words.
    newcomer = visit(hebergis, "en")
    newcomer.arrives(hebergis.home("en"))
    assert "after a “no”" in newcomer.banner.inner_text()


def test_an_answer_given_on_a_page_opened_before_the_change_is_not_a_yes_to_it(
    demonstration: Demonstration, hebergis: Site, visit: Visits
) -> None:
    visitor = visit(hebergis, "en")
    visitor.arrives(hebergis.film("en"))
    pass_to_another_company(demonstration, hebergis)
    visitor.presses("accept_all")
    visitor.receipt()
    assert visitor.answers == {"analytics": "g", "advertising": "s", "video": "g"}
    visitor.sees("closed")
    back = visit.again(visitor, "en")
    back.arrives(hebergis.home("en"))
    back.sees_lit("analytics")
