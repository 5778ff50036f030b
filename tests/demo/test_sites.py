"""The demonstration websites: pages in two languages, held-back stand-ins, a strict policy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from consent_server.demo.sites import LANGUAGES, SLUGS, lasting, read_organisation, site_app

if TYPE_CHECKING:
    from flask.testing import FlaskClient

SERVER = "http://127.0.0.1:8000"
ORIGIN = "http://demo.localhost:8001"
PATHS = {
    "cubalys": {
        "fr": ["/", "/plateforme", "/demonstration", "/confidentialite"],
        "en": ["/en/", "/en/platform", "/en/demonstration", "/en/privacy"],
    },
    "hebergis": {
        "fr": ["/", "/offres", "/visite", "/confidentialite"],
        "en": ["/en/", "/en/plans", "/en/tour", "/en/privacy"],
    },
}
PAGES = [
    (slug, lang, path) for slug in SLUGS for lang in LANGUAGES for path in PATHS[slug][lang]
]


def visit(slug: str) -> FlaskClient:
    return site_app(slug, server_url=SERVER, site_id="site_0000000000000").test_client()


@pytest.mark.parametrize(("slug", "lang", "path"), PAGES)
def test_a_page_speaks_its_language_and_asks_by_one_line(
    slug: str, lang: str, path: str
) -> None:
    page = visit(slug).get(path).text
    assert f'<html lang="{lang}">' in page
    line = f'<script src="{SERVER}/w/site_0000000000000.js?lang={lang}" async></script>'
    assert page.count(line) == 1


@pytest.mark.parametrize(("slug", "lang", "path"), PAGES)
def test_a_page_takes_nothing_from_elsewhere(slug: str, lang: str, path: str) -> None:
    answer = visit(slug).get(path)
    taken = re.findall(r'\s(?:src|href)="([^"]+)"', answer.text)
    outside = [address for address in taken if not address.startswith(("/", "#"))]
    complaint = "https://www.cnil.fr/fr/plaintes"
    assert [one for one in outside if one != complaint] == [
        f"{SERVER}/w/site_0000000000000.js?lang={lang}"
    ]


@pytest.mark.parametrize(("slug", "lang", "path"), PAGES)
def test_cnil_1_a_page_sets_no_cookie_and_holds_its_stand_ins_back(
    slug: str, lang: str, path: str
) -> None:
    answer = visit(slug).get(path)
    assert "Set-Cookie" not in answer.headers
    marked = re.findall(r"<[^>]*data-purpose=[^>]*>", answer.text)
    assert len(marked) >= 2
    for tag in marked:
        assert " data-src=" in tag
        assert " src=" not in tag
        assert not tag.startswith("<script") or 'type="text/plain"' in tag


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_film_is_on_a_page_and_waits(slug: str, lang: str) -> None:
    page = visit(slug).get(PATHS[slug][lang][2]).text
    assert f'data-purpose="video" data-src="/stand-in/video?lang={lang}"' in page


@pytest.mark.parametrize("slug", SLUGS)
def test_each_stand_in_sets_exactly_the_cookies_its_tracker_declares(slug: str) -> None:
    declared = {
        purpose: {cookie.name for cookie in tracker.cookies}
        for tracker in read_organisation(slug, origin=ORIGIN).trackers
        for purpose in tracker.purposes
    }
    client = visit(slug)
    for purpose, path in (("advertising", "pixel.gif"), ("video", "video")):
        given = client.get(f"/stand-in/{path}").headers.getlist("Set-Cookie")
        assert {cookie.split("=", 1)[0] for cookie in given} == declared[purpose]
        assert not any("HttpOnly" in cookie for cookie in given)
    script = client.get("/stand-in/analytics.js").text
    assert all(f'"{name}"' in script for name in declared["analytics"])


@pytest.mark.parametrize("slug", SLUGS)
def test_a_mark_once_set_is_not_renewed(slug: str) -> None:
    client = visit(slug)
    assert client.get("/stand-in/pixel.gif").headers.getlist("Set-Cookie")
    assert not client.get("/stand-in/pixel.gif").headers.getlist("Set-Cookie")


@pytest.mark.parametrize("path", ["/", "/site.css", "/nowhere", "/stand-in/video"])
def test_every_answer_carries_a_strict_policy(path: str) -> None:
    policy = visit("cubalys").get(path).headers["Content-Security-Policy"]
    assert f"script-src 'self' {SERVER};" in policy
    assert f"connect-src {SERVER};" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/layout.html", "/texts.json", "/site.json", "/../sites.py"])
def test_what_the_pages_are_made_of_is_not_served(path: str) -> None:
    assert visit("hebergis").get(path).status_code == 404


@pytest.mark.parametrize("slug", SLUGS)
def test_row_a10_the_privacy_page_lists_every_tracker_and_purpose(slug: str) -> None:
    document = read_organisation(slug, origin=ORIGIN)
    for lang, path in (("fr", PATHS[slug]["fr"][3]), ("en", PATHS[slug]["en"][3])):
        page = visit(slug).get(path).text
        for purpose in document.purposes:
            assert purpose.title[lang] in page
        for tracker in document.trackers:
            assert tracker.provider in page


def test_an_unknown_site_is_refused() -> None:
    with pytest.raises(ValueError, match="no demonstration site is called 'acme'"):
        visit("acme")


@pytest.mark.parametrize(
    ("lifetime", "lang", "words"),
    [
        ("P1Y", "fr", "1 an"),
        ("P6M", "en", "6 months"),
        ("PT30M", "fr", "30 minutes"),
        ("session", "en", "for the visit"),
    ],
)
def test_lifetimes_are_said_in_words(lifetime: str, lang: str, words: str) -> None:
    assert lasting(lifetime, lang) == words
