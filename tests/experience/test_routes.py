"""The banner of a site: one cacheable answer per version and language, nothing per visitor."""

from __future__ import annotations

import base64
import gzip
import hashlib
from typing import TYPE_CHECKING, Any

import brotli
import pytest

from consent_server import organisations
from consent_server.db import read
from consent_server.ids import public
from consent_server.notices.built_in import WIDGET
from tests.support.document import ORIGIN, apply, item, plain
from tests.support.markup import Markup
from tests.support.script import read_script

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from tests.support.clock import HandClock


@pytest.fixture
def site(app: Flask, clock: HandClock) -> str:
    """Give the id of a site whose banner is published."""
    applied = apply(clock)
    with read(applied.organisation) as tx:
        (only,) = organisations.sites_of(tx, applied.organisation)
    return public("site", only.id)


def shown(client: FlaskClient, site: str, lang: str = "fr") -> dict[str, Any]:
    answer = client.get(f"/v1/sites/{site}/experience?lang={lang}")
    assert answer.status_code == 200
    said: dict[str, Any] = answer.get_json()
    return said


def test_a_site_is_shown_its_purposes_trackers_and_words(
    client: FlaskClient, site: str
) -> None:
    said = shown(client, site)
    banner = item(plain(), "notices", "site-banner")
    assert [purpose["slug"] for purpose in said["purposes"]] == banner["purposes"]
    assert said["language"] == "fr"
    assert said["version"] == 1
    assert said["words"]["title"] == banner["words"]["fr"]["title"]
    assert said["words"]["accept_all"] == "Tout accepter"
    assert {purpose["floor"] for purpose in said["purposes"]} == {1}
    assert [purpose["exempt"] for purpose in said["purposes"]] == [True, False, False, False]
    ids = {tracker["id"] for tracker in said["trackers"]}
    assert {one for purpose in said["purposes"] for one in purpose["trackers"]} == ids
    assert said["controllers"][0]["name"] == "Cubalys SAS"


def test_cnil_6_the_question_comes_back_after_six_months(
    client: FlaskClient, site: str
) -> None:
    assert shown(client, site)["ask_again_after"] == "P6M"


def test_a_material_change_moves_the_floor_of_what_it_touches(
    client: FlaskClient, site: str, clock: HandClock
) -> None:
    def extend(document: dict[str, Any]) -> None:
        item(document, "purposes", "analytics")["text"]["en"] = "We count, and we sell."

    apply(clock, extend)
    said = shown(client, site)
    assert said["version"] == 2
    assert {purpose["slug"]: purpose["floor"] for purpose in said["purposes"]} == {
        "necessary": 1,
        "analytics": 2,
        "advertising": 1,
        "video": 1,
    }


def test_the_built_in_words_are_in_the_language_asked_and_the_rest_falls_back_marked(
    client: FlaskClient, site: str, clock: HandClock
) -> None:
    def french_only(document: dict[str, Any]) -> None:
        document["organisation"]["languages"] = ["fr"]
        prune(document)

    apply(clock, french_only)
    said = shown(client, site, "en")
    assert said["language"] == "en"
    assert said["words"]["accept_all"] == "Accept all"
    assert said["words"]["lang"] == "fr"
    assert {purpose["lang"] for purpose in said["purposes"]} == {"fr"}
    assert "lang" not in shown(client, site, "fr")["words"]


@pytest.mark.parametrize(
    ("asked", "language", "accept"),
    [
        ("de-AT", "de", "Alle akzeptieren"),
        ("nb-NO", "no", "Godta alle"),
        ("ar", "ar", "قبول الكل"),
    ],
)
def test_a_reader_keeps_the_buttons_of_a_language_that_the_organisation_does_not_write(
    client: FlaskClient, site: str, asked: str, language: str, accept: str
) -> None:
    said = shown(client, site, asked)
    assert (said["language"], said["words"]["accept_all"]) == (language, accept)
    assert said["words"]["lang"] == "fr"
    assert {purpose["lang"] for purpose in said["purposes"]} == {"fr"}


def test_where_browsers_lack_a_language_the_server_says_figures_and_countries(
    client: FlaskClient, site: str
) -> None:
    said = shown(client, site, "mt")["words"]
    assert said["lifetime_P13M"] == "13 xahar"
    assert said["country_US"] == "l-Istati Uniti"
    assert not [name for name in shown(client, site, "fr")["words"] if "_P" in name]


def prune(value: object) -> None:
    """Remove the English of every text."""
    if isinstance(value, dict):
        if set(value) == {"fr", "en"}:
            value.pop("en")
        for inner in value.values():
            prune(inner)
    elif isinstance(value, list):
        for inner in value:
            prune(inner)


@pytest.mark.parametrize("lang", ["xx", "eu", "zh-Hant", "FR-ca"])
def test_a_language_we_lack_falls_back_to_the_organisations(
    client: FlaskClient, site: str, lang: str
) -> None:
    assert shown(client, site, lang)["language"] == "fr"


def test_without_lang_the_browser_decides_and_no_shared_cache_keeps_it(
    client: FlaskClient, site: str
) -> None:
    answer = client.get(
        f"/v1/sites/{site}/experience", headers={"Accept-Language": "en-GB,fr;q=0.5"}
    )
    assert answer.get_json()["language"] == "en"
    assert answer.headers["Cache-Control"] == "private, max-age=300"
    assert "Accept-Language" in answer.headers["Vary"]
    assert answer.headers["Content-Language"] == "en"


@pytest.mark.parametrize("path", ["/w/{site}.js", "/v1/sites/{site}/experience"])
def test_with_lang_everybody_gets_the_same_cacheable_answer(
    client: FlaskClient, site: str, path: str
) -> None:
    address = f"{path.format(site=site)}?lang=fr"
    answer = client.get(address)
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers["Vary"]
    stranger = {"Cookie": "consent=1~abc", "User-Agent": "x", "Referer": "https://a.example/"}
    assert client.get(address, headers=stranger).get_data() == answer.get_data()


@pytest.mark.parametrize("path", ["/w/{site}.js", "/v1/sites/{site}/experience"])
@pytest.mark.parametrize(
    ("encoding", "decode"),
    [
        pytest.param("br", brotli.decompress, id="brotli"),
        pytest.param("gzip", gzip.decompress, id="gzip"),
        pytest.param("", bytes, id="plain"),
    ],
)
def test_api_4_the_answer_comes_compressed_and_is_not_sent_twice(
    client: FlaskClient, site: str, path: str, encoding: str, decode: Any
) -> None:
    address = f"{path.format(site=site)}?lang=en"
    plain_text = client.get(address).get_data()
    answer = client.get(address, headers={"Accept-Encoding": encoding})
    assert answer.headers.get("Content-Encoding", "") == encoding
    assert decode(answer.get_data()) == plain_text
    again = client.get(
        address,
        headers={"Accept-Encoding": encoding, "If-None-Match": answer.headers["ETag"]},
    )
    assert again.status_code == 304
    assert again.headers["Cache-Control"] == answer.headers["Cache-Control"]


# How many words a choice needs: what has changed is one more.
SAID = 2


def carried(client: FlaskClient, site: str, lang: str = "fr") -> tuple[dict[str, Any], str]:
    """Read what a script carries, and give the script with its place empty again."""
    return read_script(client.get(f"/w/{site}.js?lang={lang}").get_data(as_text=True))


@pytest.mark.parametrize("path", ["/w/{site}.js", "/v1/sites/{site}/experience"])
def test_what_others_append_to_the_address_takes_nothing_away(
    client: FlaskClient, site: str, path: str
) -> None:
    plain = client.get(f"{path.format(site=site)}?lang=fr")
    more = client.get(f"{path.format(site=site)}?ver=6.4&lang=fr&utm=a&utm=b")
    assert (more.status_code, more.data) == (200, plain.data)
    assert more.headers["ETag"] == plain.headers["ETag"]
    assert client.get(f"{path.format(site=site)}?lang=fr&lang=en").status_code == 422


def test_the_script_carries_its_configuration_and_can_be_embedded(
    client: FlaskClient, site: str
) -> None:
    answer = client.get(f"/w/{site}.js?lang=fr")
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    text = answer.get_data(as_text=True)
    assert "__CONSENT_CONFIGURATION__" not in text
    assert "__CONSENT_MODULES__" not in text
    told, said = carried(client, site)[0], shown(client, site)
    assert told["site_"] == site
    assert told["notice_"] == said["notice_version"]
    assert [
        (one["slug_"], one["title_"], bool(one.get("exempt_"))) for one in told["purposes_"]
    ] == [(one["slug"], one["title"], one["exempt"]) for one in said["purposes"]]
    for purpose in said["purposes"]:
        assert {purpose["title"], purpose["text"]} <= {*Markup(told["second_"]).texts}


def test_cnil_5_nothing_that_the_contract_shows_of_a_tracker_is_lost_in_the_script(
    client: FlaskClient, site: str
) -> None:
    told, said = carried(client, site)[0], shown(client, site)
    texts, words = Markup(told["second_"]).texts, said["words"]
    for one in said["trackers"]:
        assert {one["name"], one["provider"]} <= {*texts}
        for kind, name in (("safeguard", "safeguard"), ("exempt", "exemption_reason")):
            assert not one[name] or words[f"{kind}_{one[name]}"] in texts
    assert {"France", "Royaume-Uni", "États-Unis"} <= {*texts}
    assert "tm_visitor (13\u00a0mois), tm_visit (30 minutes)" in texts
    for one in said["controllers"]:
        assert {one["name"], ", " + words[f"role_{one['role']}"]} <= {*texts}
    links = {given["href"] for given in Markup(told["second_"]).named("a")}
    assert {one["privacy_url"] for one in said["trackers"] if one["privacy_url"]} <= links
    cookies = {one["id"]: [each["name"] for each in one["cookies"]] for one in said["trackers"]}
    assert told["cookies_"] == [
        [name for tracker in one["trackers"] for name in cookies[tracker]]
        for one in said["purposes"]
    ]


def test_a_site_pays_for_no_word_that_its_script_does_not_say(
    client: FlaskClient, site: str, clock: HandClock
) -> None:
    told = carried(client, site, "en")[0]
    # Nobody can have answered under a version before the first.
    assert len(told["said_"]) == SAID
    assert "words_" not in told

    def extend(document: dict[str, Any]) -> None:
        item(document, "purposes", "analytics")["text"]["en"] = "We count, and we sell."

    apply(clock, extend)
    told = carried(client, site, "en")[0]
    assert len(told["said_"]) == SAID + 1
    assert [one.get("floor_") for one in told["purposes_"]] == [None, 2, None, None]


def test_cnil_11_the_script_is_named_by_the_code_it_is_put_together_from(
    client: FlaskClient, site: str
) -> None:
    told, code = carried(client, site)
    digest = base64.urlsafe_b64encode(hashlib.sha256(code.encode()).digest()[:16])
    assert told["script_"] == digest.decode().rstrip("=")
    before, _, after = (WIDGET / "core.js").read_text("utf-8").partition("__CONSENT_MODULES__")
    assert code.startswith(before)
    assert code.endswith(after)


def test_no_text_can_end_the_script_it_stands_in(
    client: FlaskClient, site: str, clock: HandClock
) -> None:
    hostile = (
        "a < /script b \u2028 c \u2029 __CONSENT_CONFIGURATION__ __CONSENT_MODULES__ $& `y`"
    )

    def write(document: dict[str, Any]) -> None:
        item(document, "notices", "site-banner")["words"]["en"]["intro"] = hostile

    apply(clock, write)
    text = client.get(f"/w/{site}.js?lang=en").get_data(as_text=True)
    told = carried(client, site, "en")[0]
    for layer in ("frame_", "second_"):
        assert hostile in Markup(told[layer]).texts
    assert "</script" not in text
    assert "<!--" not in text
    assert "\u2028" not in text
    assert "\u2029" not in text


def test_the_configuration_is_open_to_the_exact_origins_of_the_site(
    client: FlaskClient, site: str
) -> None:
    path = f"/v1/sites/{site}/experience?lang=fr"
    own = client.get(path, headers={"Origin": ORIGIN})
    assert own.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Origin" in own.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in own.headers
    for origin in (
        "null",
        f"{ORIGIN}.evil.example",
        ORIGIN.upper(),
        ORIGIN.replace("http:", "https:"),
        f"{ORIGIN}0",
        "http://evil-cubalys.localhost:8001",
    ):
        foreign = client.get(path, headers={"Origin": origin})
        assert "Access-Control-Allow-Origin" not in foreign.headers, origin


@pytest.mark.parametrize("name", ["site_0000000000001", "site_", "x", "org_0000000000001"])
@pytest.mark.parametrize("path", ["/w/{name}.js?lang=fr", "/v1/sites/{name}/experience"])
def test_a_site_nobody_has_is_a_plain_404(client: FlaskClient, path: str, name: str) -> None:
    answer = client.get(path.format(name=name))
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


def test_a_get_and_a_head_change_nothing(client: FlaskClient, site: str) -> None:
    for method in (client.get, client.head):
        answer = method(f"/w/{site}.js?lang=fr")
        assert answer.status_code == 200
    said = shown(client, site)
    assert said["version"] == 1


def test_sites_of_one_scope_show_one_banner_and_say_so(
    client: FlaskClient, clock: HandClock
) -> None:
    def share(document: dict[str, Any]) -> None:
        first = document["sites"][0]
        second = {**first, "slug": "shop", "name": "shop.example", "theme": None}
        document["sites"].append({**second, "origins": ["https://shop.example"]})

    applied = apply(clock, share)
    with read(applied.organisation) as tx:
        sites = organisations.sites_of(tx, applied.organisation)
    told = [shown(client, public("site", one.id)) for one in sites]
    assert told[0]["notice_version"] == told[1]["notice_version"]
    assert told[0]["scope"]["sites"] == ["cubalys.example", "shop.example"]
    assert told[1]["theme"] == {}
    assert told[0]["theme"]["accent"] == "#4338ca"


def test_the_banner_carries_only_the_settings_that_are_not_the_default(
    client: FlaskClient, site: str, clock: HandClock
) -> None:
    assert shown(client, site)["banner"] == {}
    said = {"layout": "bar", "modal": True, "cookie": {"name": "choix"}, "gpc": "refuse"}
    apply(clock, lambda document: document["sites"][0].update(banner=said))
    told = shown(client, site)
    assert told["banner"] == {"modal": True, "cookie": {"name": "choix"}}
    assert told["signals"]["gpc"] == "refuse"
    assert told["version"] == 2
    assert {purpose["floor"] for purpose in told["purposes"]} == {1}
