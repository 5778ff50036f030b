"""Opens and clicks: counted only while she grants it; a link leads where its sender said."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from consent_server.web.batches import batches_of
from tests.newsletters.world import dump
from tests.support.ground import ground

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.support.ground import Ground
    from tests.support.house import House

__all__ = ["ground"]
_numbers = count(1)
BOTH = {"email_open_tracking": "granted", "email_click_tracking": "granted"}
_OWN = {"X-Request-Id", "RateLimit", "RateLimit-Policy"}
PAGE = "https://shop.example/spring?colour=green#top"


@pytest.fixture(scope="module")
def house(ground: Ground) -> House:
    """Give one organisation for all tests here: each brings people and campaigns of its own."""
    return ground.ours


@pytest.fixture
def ada(house: House) -> dict[str, str]:
    """Give somebody new who gets the letter, and has said nothing of being counted."""
    who = {"email": f"ada{next(_numbers)}@people.example"}
    house.tell(who)
    return who


@pytest.fixture
def campaign() -> str:
    """Name a campaign of this test's own."""
    return f"spring-{next(_numbers)}"


def marks(house: House, who: dict[str, str], campaign: str) -> tuple[str, str]:
    """Ask for a pixel and a link; gives their paths."""
    asked = [{"subject": who}, {"subject": who, "target": PAGE}]
    answer = house.post("/v1/tracking-links", {"campaign": campaign, "links": asked})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    pixel, link = (str(urlsplit(each["url"]).path) for each in answer.get_json()["links"])
    return pixel, link


def calls(house: House, *paths: str, method: str = "GET") -> list[TestResponse]:
    """Call addresses as a mailbox does, and let what was noted be written."""
    answers = [house.client.open(path, method=method) for path in paths]
    batches_of(house.client.application).flush()
    return answers


def counted(house: House, campaign: str) -> Any:
    """Ask what was counted."""
    answer = house.get(f"/v1/tracking/{campaign}")
    assert answer.status_code == 200
    return answer.get_json()


def test_pix_1_nothing_is_counted_for_whoever_has_not_granted_it(
    house: House, ada: dict[str, str], campaign: str
) -> None:
    before = dump(house)["mail_use"]
    pixel, link = calls(house, *marks(house, ada, campaign))
    assert (pixel.status_code, pixel.mimetype) == (200, "image/gif")
    assert (link.status_code, link.headers["Location"]) == (302, PAGE)
    assert counted(house, campaign)["days"] == []
    assert dump(house)["mail_use"] == before


def test_pix_2_no_exemption_is_used_a_customer_s_own_mail_counts_nothing_either(
    house: House, campaign: str
) -> None:
    # What the law would let us count of mail that somebody asked for, we do not count.
    who = {"email": f"customer{next(_numbers)}@people.example"}
    contract = {"kind": "customer", "since": "2026-01-01T00:00:00Z", "contract": True}
    known = {"identifiers": [who], "relationships": [contract], "source": "contract"}
    assert house.post("/v1/subjects", known).status_code == 201
    assert house.why(who, "service_delivery") == "contract"
    calls(house, *marks(house, who, campaign))
    assert counted(house, campaign)["days"] == []


def test_opens_and_clicks_of_whoever_grants_them_are_told_by_day_and_person(
    house: House, ada: dict[str, str], campaign: str
) -> None:
    subject = house.tell(ada, choices=BOTH).get_json()["subject"]
    pixel, link = marks(house, ada, campaign)
    calls(house, pixel, pixel, link)
    said = counted(house, campaign)
    day = house.at(house.clock())[:10]
    assert said["days"] == [
        {"day": day, "what": "clicked", "people": 1, "times": 1},
        {"day": day, "what": "opened", "people": 1, "times": 2},
    ]
    assert said["people"] == [{"subject": subject, "opened": 2, "clicked": 1}]
    assert said["next"] is None


def test_pix_3_a_message_that_is_out_counts_nothing_once_the_yes_is_taken_back(
    house: House, ada: dict[str, str], campaign: str
) -> None:
    house.tell(ada, choices=BOTH)
    paths = marks(house, ada, campaign)
    calls(house, *paths)
    before = counted(house, campaign)
    house.tell(ada, choices=dict.fromkeys(BOTH, "refused"))
    again = calls(house, *paths)
    assert [answer.status_code for answer in again] == [200, 302]
    assert counted(house, campaign) == before


def test_each_is_a_purpose_of_its_own(house: House, ada: dict[str, str], campaign: str) -> None:
    house.tell(ada, choices={"email_click_tracking": "granted"})
    calls(house, *marks(house, ada, campaign))
    assert [each["what"] for each in counted(house, campaign)["days"]] == ["clicked"]


def test_whether_it_was_counted_shows_in_no_answer(
    house: House, ada: dict[str, str], campaign: str
) -> None:
    paths = marks(house, ada, campaign)
    refused = calls(house, *paths)
    house.tell(ada, choices=BOTH)
    allowed = calls(house, *paths)
    for one, other in zip(refused, allowed, strict=True):
        assert one.get_data() == other.get_data()
        plain = [
            sorted((k, v) for k, v in each.headers if k not in _OWN) for each in (one, other)
        ]
        assert plain[0] == plain[1]
        assert one.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in one.headers


def test_who_asks_for_headers_alone_has_opened_nothing(
    house: House, ada: dict[str, str], campaign: str
) -> None:
    house.tell(ada, choices=BOTH)
    paths = marks(house, ada, campaign)
    calls(house, *paths, method="HEAD")
    calls(house, *paths, method="OPTIONS")
    assert counted(house, campaign)["days"] == []


def test_38_a_token_with_a_letter_changed_leads_nowhere_and_counts_nothing(
    house: House, ada: dict[str, str], campaign: str
) -> None:
    house.tell(ada, choices=BOTH)
    pixel, link = marks(house, ada, campaign)
    token = link.removeprefix("/c/")
    for at in range(0, len(token), 7):
        other = f"{token[:at]}{'A' if token[at] != 'A' else 'B'}{token[at + 1 :]}"
        assert house.client.get(f"/c/{other}").status_code == 404
    crossed = [f"/c/{pixel.removeprefix('/o/').removesuffix('.gif')}", f"/o/{token}.gif"]
    assert [each.status_code for each in calls(house, *crossed)] == [404, 200]
    for open_one in ("/c/?to=https://evil.example", "/c/https://evil.example"):
        assert house.client.get(open_one).status_code == 404
    assert counted(house, campaign)["days"] == []


def test_40_nothing_of_the_person_can_be_read_in_the_address(
    house: House, ada: dict[str, str], campaign: str
) -> None:
    first, second = marks(house, ada, campaign), marks(house, ada, campaign)
    assert set(first).isdisjoint(second)
    for path in (*first, *second):
        assert campaign not in path
        assert "people" not in path


def test_an_erased_person_leaves_no_count(
    house: House, ada: dict[str, str], campaign: str
) -> None:
    house.tell(ada, choices=BOTH)
    paths = marks(house, ada, campaign)
    calls(house, *paths)
    house.post("/v1/subjects/erase", {"subject": ada, "reason": "asked"})
    calls(house, *paths)
    assert counted(house, campaign)["people"] == []


def test_another_organisation_sees_nothing_of_it(
    ground: Ground, house: House, ada: dict[str, str], campaign: str
) -> None:
    house.tell(ada, choices=BOTH)
    calls(house, *marks(house, ada, campaign))
    assert counted(ground.theirs, campaign)["days"] == []


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "https://user:pass@evil.example/",
        "https:///nohost",
        "https://x.example/\r\nSet-Cookie:a=b",
        "https://x.example/ a",
        "https://[broken",
        "ftp://x.example/a",
    ],
)
def test_only_a_whole_web_address_is_led_to(
    house: House, ada: dict[str, str], target: str
) -> None:
    body = {"campaign": "c", "links": [{"subject": ada, "target": target}]}
    answer = house.post("/v1/tracking-links", body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.get_json()["errors"]] == ["/links/0/target"]
