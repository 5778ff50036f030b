"""The permanent page: every word, in each language, without a script, the same for good."""

from __future__ import annotations

import hashlib
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from consent_server.ids import public
from consent_server.ledger.canonical import canonical_bytes
from tests.support.document import apply, item, plain

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from consent_server.notices import Applied
    from tests.support.clock import HandClock


def address(applied: Applied, slug: str) -> str:
    made = next(made for made in applied.published if made.notice.slug == slug)
    return f"/n/{public('ntv', made.version.id)}"


def text_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.content_type == "text/html; charset=utf-8"
    return unescape(answer.get_data(as_text=True))


def words_in(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in words_in(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in words_in(inner)]
    return [] if value is None else str(value).split("\n")


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("slug", [notice["slug"] for notice in plain()["notices"]])
def test_rec_6_every_word_is_there_in_the_language_asked(
    client: FlaskClient, clock: HandClock, slug: str, lang: str
) -> None:
    page = text_of(client, f"{address(apply(clock), slug)}?lang={lang}")
    notice = item(plain(), "notices", slug)
    for text in words_in(notice["words"][lang]):
        assert text.strip() in page
    for name in notice["purposes"]:
        purpose = item(plain(), "purposes", name)
        for field in ("title", "text", "grounds", "opt_out"):
            assert not purpose[field] or purpose[field][lang] in page
    assert f'lang="{lang}"' in page
    assert "<script" not in page


def test_rec_6_parties_trackers_and_rights_are_named(
    client: FlaskClient, clock: HandClock
) -> None:
    page = text_of(client, f"{address(apply(clock), 'site-banner')}?lang=en")
    document = plain()
    for controller in document["controllers"]:
        assert controller["name"] in page
    for tracker in document["trackers"]:
        assert tracker["provider"] in page
        for cookie in tracker["cookies"]:
            assert cookie["name"] in page
    assert "13 months" in page
    assert "United States" in page
    assert "standard contractual clauses" in page
    for right in document["rights"]["offered"]:
        assert right["text"]["en"] in page
    assert document["organisation"]["complaint"]["url"] in page
    assert "Accept all" in page


def test_the_fingerprint_can_be_computed_from_what_is_given(
    client: FlaskClient, clock: HandClock
) -> None:
    path = address(apply(clock), "contact-form")
    given = client.get(path, headers={"Accept": "application/json"}).get_json()
    computed = hashlib.sha256(canonical_bytes(given["body"])).hexdigest()
    assert given["content_hash"] == computed
    assert client.get(f"{path}.json").get_json() == given
    assert computed in text_of(client, path)


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        pytest.param("text/html,application/xhtml+xml,*/*;q=0.8", "text/html", id="a browser"),
        pytest.param("*/*", "text/html", id="anything"),
        pytest.param("application/json", "application/json", id="a machine"),
    ],
)
def test_what_is_asked_for_is_what_comes(
    client: FlaskClient, clock: HandClock, accept: str, content_type: str
) -> None:
    answer = client.get(address(apply(clock), "contact-form"), headers={"Accept": accept})
    assert answer.content_type.startswith(content_type)
    assert "Accept" in answer.headers["Vary"]


def test_what_never_changes_is_cached_for_good(client: FlaskClient, clock: HandClock) -> None:
    path = address(apply(clock), "contact-form")
    named = client.get(f"{path}?lang=en")
    assert named.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    again = client.get(f"{path}?lang=en", headers={"If-None-Match": named.headers["ETag"]})
    assert again.status_code == 304
    chosen = client.get(path, headers={"Accept-Language": "fr"})
    assert chosen.headers["Cache-Control"] == "public, max-age=300"
    assert chosen.headers["Content-Language"] == "fr"


def test_rec_6_a_reader_of_another_language_finds_the_buttons_that_were_shown(
    client: FlaskClient, clock: HandClock
) -> None:
    path = address(apply(clock), "site-banner")
    page = text_of(client, f"{path}?lang=ar")
    assert '<ul lang="ar" dir="rtl">' in page
    assert "قبول الكل" in page
    assert "Tout accepter" not in page
    assert '<html lang="en">' in page or '<html lang="fr">' in page
    assert "Tout accepter" in text_of(client, f"{path}?lang=fr")


def test_an_old_version_still_says_what_it_said(client: FlaskClient, clock: HandClock) -> None:
    path = f"{address(apply(clock), 'site-banner')}?lang=en"
    before = client.get(path).get_data()

    def rewrite(document: dict[str, Any]) -> None:
        item(document, "notices", "site-banner")["words"]["en"]["intro"] = "All is different."
        item(document, "purposes", "analytics")["text"]["en"] = "We do more."
        document["organisation"]["name"] = "Another"

    later = apply(clock, rewrite)
    assert client.get(path).get_data() == before
    newer = text_of(client, f"{address(later, 'site-banner')}?lang=en")
    assert "All is different." in newer
    assert "what is asked reads differently (text)" in newer
    assert "people are asked again" in newer


def test_hostile_words_stay_words(client: FlaskClient, clock: HandClock) -> None:
    hostile = "\"'> onload=alert(1) {{ 7*7 }} {% raw %}"

    def write(document: dict[str, Any]) -> None:
        item(document, "notices", "site-banner")["words"]["en"]["title"] = hostile

    page = client.get(f"{address(apply(clock, write), 'site-banner')}?lang=en")
    text = page.get_data(as_text=True)
    assert "&#34;&#39;&gt; onload=alert(1) {{ 7*7 }} {% raw %}" in text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["ntv_0000000000001", "ntv_", "x", "ntc_0000000000001"])
def test_a_version_nobody_published_is_a_readable_404(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/n/{name}")
    assert answer.status_code == 404
    assert answer.content_type.startswith("text/html")
