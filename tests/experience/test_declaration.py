"""The cookie declaration: a site's trackers as a table, current, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.document import apply, item
from tests.support.house import ORIGIN

if TYPE_CHECKING:
    from tests.support.clock import HandClock
    from tests.support.house import House


def page(house: House, query: str = "?lang=fr") -> str:
    answer = house.client.get(f"/n/{house.site}/trackers{query}")
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    return answer.get_data(as_text=True)


def test_every_tracker_stands_with_provider_country_safeguard_and_cookies(
    house: House,
) -> None:
    text = page(house)
    told = house.client.get(f"/v1/sites/{house.site}/experience?lang=fr").get_json()
    assert told["trackers"]
    for tracker in told["trackers"]:
        assert tracker["name"] in text
        assert tracker["provider"] in text
        for cookie in tracker["cookies"]:
            assert f"<code>{cookie['name']}</code>" in text
    assert "États-Unis" in text
    assert "clauses contractuelles types" in text
    assert "13\u00a0mois" in text
    assert "<script" not in text


@pytest.mark.parametrize(
    ("language", "word"), [("en", "Safeguard"), ("de", "Garantie"), ("ar", 'dir="rtl"')]
)
def test_it_is_read_in_the_languages_of_the_banner(
    house: House, language: str, word: str
) -> None:
    text = page(house, f"?lang={language}")
    assert f'<html lang="{language}"' in text
    assert word in text


def test_it_shows_what_is_in_force_now(house: House, clock: HandClock) -> None:
    def rename(document: dict[str, Any]) -> None:
        item(document, "trackers", "tidemark")["name"] = "Tout à fait neuf"

    assert "Tout à fait neuf" not in page(house)
    apply(clock, rename)
    assert "Tout à fait neuf" in page(house)


def test_choices_can_be_managed_from_it_without_a_script(house: House) -> None:
    assert f'<a class="button" href="{ORIGIN}/" target="_top">' in page(house)


def test_a_privacy_page_of_the_site_and_no_other_may_frame_it(house: House) -> None:
    answer = house.client.get(f"/n/{house.site}/trackers?embedded=1&lang=en")
    text = answer.get_data(as_text=True)
    assert "<header" not in text
    assert "<table>" in text
    policy = answer.headers["Content-Security-Policy"]
    assert f"frame-ancestors {ORIGIN};" in policy
    assert "script-src" not in policy
    assert answer.headers["Cache-Control"] == "public, max-age=300"


def test_words_of_an_organisation_are_text(house: House, clock: HandClock) -> None:
    def attack(document: dict[str, Any]) -> None:
        item(document, "trackers", "tidemark")["provider"] = 'A" onmouseover="b() & Co'

    apply(clock, attack)
    assert "A&#34; onmouseover=&#34;b() &amp; Co" in page(house)


def test_a_site_nobody_has_declares_nothing(house: House) -> None:
    for name in ("site_0000000000001", house.banner, "x"):
        assert house.client.get(f"/n/{name}/trackers").status_code == 404


def test_a_script_writes_the_same_into_a_page_of_the_site_in_its_language(
    house: House,
) -> None:
    told = house.client.get(f"/v1/sites/{house.site}/experience?lang=fr").get_json()
    answer = house.client.get(f"/w/{house.site}.trackers.js?lang=fr")
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    text = answer.get_data(as_text=True)
    for tracker in told["trackers"]:
        assert tracker["provider"] in text
    assert "clauses contractuelles types" in text
    assert "13\u00a0mois" in text
    own = house.client.get(f"/w/{house.site}.trackers.js", headers={"Accept-Language": "ar"})
    assert own.headers["Content-Language"] == "ar"
    assert "private" in own.headers["Cache-Control"]
    assert 'dir:"rtl"' in own.get_data(as_text=True)
    assert house.client.get("/w/site_0000000000001.trackers.js").status_code == 404
