"""Journey 2: one click leaves, at once and for good, and nothing but a click (design.md §4)."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support.running import ONE_CLICK, somebody

if TYPE_CHECKING:
    from tests.support.running import Running

SCANNER = {"User-Agent": "Mozilla/5.0 (compatible; LinkScanner/3.1)", "Accept": "*/*"}
# Enough new connections for each of two workers to have been asked many times.
MANY = 40


def test_a_click_is_answered_200_and_the_very_next_lookup_says_no_from_every_worker(
    running: Running,
) -> None:
    ada, ben = somebody(), somebody()
    subject = running.agree(ada)["subject"]
    running.agree(ben)
    assert running.ask({"email": ada})["because"] == "consent"

    # The mail carries the link and its two headers.
    asked = {"subject": {"email": ada}, "purpose": "newsletter"}
    made = running.post("/v1/unsubscribe-links", asked, status=201)
    assert made["headers"] == {
        "List-Unsubscribe": f"<{made['url']}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert ada not in made["url"]

    # Scanners come by: they ask, they follow, they ask for headers. Nothing changes.
    for _ in range(20):
        for method in ("GET", "HEAD"):
            assert outside(method, made["url"], headers=SCANNER).status_code == 200
    assert running.ask({"email": ada})["because"] == "consent"

    # The person clicks, once: no cookie, no log-in, no redirection.
    clicked = outside("POST", made["url"], data=ONE_CLICK)
    assert clicked.status_code == 200
    assert "Set-Cookie" not in clicked.headers

    # The very next lookup says no, whoever answers it.
    assert ask_everywhere(running, ada) == {("withdrawn", False)}
    assert running.ask({"email": ben})["because"] == "consent"

    # The feed tells the tools that mail.
    told = [event["type"] for event in running.events_of(subject, "consent.withdrawn")]
    assert told == ["consent.granted", "consent.withdrawn"]

    # The tenth click says the same as the first, and is no event of its own.
    again = [outside("POST", made["url"], data=ONE_CLICK) for _ in range(9)]
    assert {(each.status_code, each.text) for each in again} == {(200, clicked.text)}
    assert [event["type"] for event in running.events_of(subject, "consent.withdrawn")] == told
    assert running.command("fsck").strip() == "Clean."


def test_every_one_of_many_clicks_is_followed_by_no(running: Running) -> None:
    people = [somebody() for _ in range(25)]
    for person in people:
        running.agree(person)

    def leave(person: str) -> str:
        link = running.link(person)
        with httpx.Client(base_url=running.deployment.base_url, trust_env=False) as fresh:
            assert fresh.post(link, data=ONE_CLICK).status_code == 200
            asked = {"subject": {"email": person}, "purpose": "newsletter"}
            answer = fresh.post("/v1/permissions", json=asked, headers=running.headers)
        return str(answer.json()["because"])

    with ThreadPoolExecutor(6) as clicks:
        assert set(clicks.map(leave, people)) == {"withdrawn"}


@pytest.mark.parametrize(("language", "word"), [("fr", "désabonn"), ("en", "unsubscribe")])
def test_the_page_has_one_button_that_works_without_a_script(
    running: Running, language: str, word: str
) -> None:
    ada = somebody()
    running.agree(ada)
    url = running.deployment.base_url + running.link(ada)
    page = outside("GET", url, headers={"Accept-Language": language})
    assert f'<html lang="{language}"' in page.text
    assert word in page.text.lower()
    assert "<script" not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    buttons = re.findall(r"<button", page.text)
    assert len(buttons) == 1

    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    assert fields["confirm"] == "1"
    assert outside("POST", url, data={"confirm": "1"}).status_code == 400
    assert running.ask({"email": ada})["because"] == "consent"
    assert outside("POST", url, data=fields).status_code == 200
    assert running.ask({"email": ada})["because"] == "withdrawn"


def test_leaving_what_rests_on_legitimate_interest_is_an_objection(running: Running) -> None:
    ada = somebody()
    person = {"identifiers": [{"email": ada}], "source": "meeting"}
    facts = {"relationships": [{"kind": "prospect"}], "capacity": "professional"}
    running.post("/v1/subjects", {**person, **facts}, status=201)
    purpose = "newsletter.professional"
    assert running.ask({"email": ada}, purpose)["because"] == "legitimate_interest"

    link = running.deployment.base_url + running.link(ada, purpose)
    assert outside("POST", link, data=ONE_CLICK).status_code == 200
    assert running.ask({"email": ada}, purpose)["because"] == "objected"


def test_the_link_still_lets_go_years_later_and_with_a_lost_signing_key(
    running: Running,
) -> None:
    ada = somebody()
    running.agree(ada)
    path = running.link(ada)
    name = path.partition(".")[0]
    forged = running.deployment.base_url + f"{name}.bm90LW91ci1zaWduYXR1cmU"
    assert outside("POST", forged, data=ONE_CLICK).status_code == 200
    assert running.ask({"email": ada})["because"] == "withdrawn"
    unknown = running.deployment.base_url + "/u/" + "A" * 22
    assert outside("POST", unknown, data=ONE_CLICK).status_code == 404


def outside(method: str, url: str, **more: object) -> httpx.Response:
    """Ask as somebody who has nothing but the address, on a connection of their own."""
    with httpx.Client(trust_env=False, timeout=30) as fresh:
        return fresh.request(method, url, **more)  # type: ignore[arg-type] # passed on


def ask_everywhere(running: Running, email: str) -> set[tuple[str, bool]]:
    """Ask over many new connections at once, so that every worker has answered."""
    asked = {"subject": {"email": email}, "purpose": "newsletter"}

    def ask(_: int) -> tuple[str, bool]:
        url = running.deployment.base_url + "/v1/permissions"
        told = outside("POST", url, json=asked, headers=running.headers).json()
        return told["because"], told["allowed"]

    with ThreadPoolExecutor(8) as many:
        return set(many.map(ask, range(MANY)))
