"""A banner is looked at by a signed link that ends, and the look reaches nobody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from consent_server.experience.head import code_hash
from consent_server.experience.preview_cli import preview_command
from tests.support.document import apply, item, plain
from tests.support.script import read_script

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from tests.support.clock import HandClock
    from tests.support.house import House

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def path(app: Flask, clock: HandClock) -> str:
    """Give the path of a link to the draft of a banner."""
    apply(clock)
    return link("site-banner")


def link(*words: str) -> str:
    done = CliRunner().invoke(preview_command, [*words, "--json"])
    assert done.exit_code == 0, done.output
    said: dict[str, Any] = json.loads(done.stdout)
    return "/preview/" + str(said["url"]).partition("/preview/")[2]


def configuration(client: FlaskClient, path: str) -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code == 200
    return read_script(answer.get_data(as_text=True))[0]


def test_staff_see_which_languages_no_speaker_has_reviewed_and_visitors_do_not(
    client: FlaskClient, path: str
) -> None:
    page = client.get(f"{path}?lang=en").get_data(as_text=True)
    assert '<option value="de" lang="de">Deutsch *</option>' in page
    assert "français *" not in page
    assert "No speaker has reviewed our own words" in page
    said = CliRunner().invoke(preview_command, ["site-banner"]).output
    assert "not reviewed by a speaker: ar, bg" in said
    for address in ("page", "banner.js?banner=de"):
        shown = client.get(f"{path}/{address}").get_data(as_text=True)
        assert "reviewed" not in shown
        assert "Deutsch *" not in shown


def test_the_link_shows_the_draft_in_every_language_layout_and_colour(
    client: FlaskClient, path: str
) -> None:
    page = client.get(path, headers={"Accept-Language": "fr"})
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert "Brouillon, serait la version" in text
    assert '<option value="ar" lang="ar">' in text
    told = configuration(
        client, f"{path}/banner.js?banner=ar&layout=card&colours=dark&modal=1&layer=second"
    )
    assert (told["lang_"], told["dir_"]) == ("ar", "rtl")
    assert told["modules_"]["layout"] == {"layout": "card", "modal": True}
    assert told["theme_"].count("--b:") == told["theme_"].count("--b:#1b1c2e") == 1


def test_words_that_are_not_published_yet_are_what_is_shown(
    client: FlaskClient, house: House
) -> None:
    banner = item(plain(), "notices", "site-banner")
    banner["words"]["fr"]["title"] = "Un tout autre titre"
    body = {name: banner[name] for name in ("purposes", "words")}
    shown = house.get("/v1/notices/site-banner/draft")
    changed = house.client.put(
        "/v1/notices/site-banner/draft",
        json=body,
        headers={**house.headers, "If-Match": shown.headers["ETag"]},
    )
    assert changed.status_code == 200, changed.get_data(as_text=True)
    draft = configuration(client, f"{link('site-banner')}/banner.js?banner=fr")
    assert "Un tout autre titre" in draft["frame_"]
    published = link("site-banner", "--version", house.banner)
    told = configuration(client, f"{published}/banner.js?banner=fr")
    assert "Un tout autre titre" not in told["frame_"]
    assert told["notice_"] == house.banner


def test_a_preview_can_store_nothing_call_nobody_and_is_not_listed(
    client: FlaskClient, path: str
) -> None:
    around, framed = client.get(path), client.get(f"{path}/page")
    assert 'sandbox="allow-scripts"' in around.get_data(as_text=True)
    assert "script-src" not in around.headers["Content-Security-Policy"]
    policy = framed.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none'; script-src 'self'")
    assert "connect-src" not in policy
    assert "unsafe" not in policy
    for answer in (around, framed):
        assert answer.headers["X-Robots-Tag"].startswith("noindex")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    told = configuration(client, f"{path}/banner.js")
    assert told["site_"] == "preview"
    assert client.post(f"/v1/sites/{told['site_']}/decisions", json={}).status_code == 404


@pytest.mark.parametrize("rest", ["", "/page", "/banner.js"])
def test_a_link_ends_and_a_link_of_anyone_elses_opens_nothing(
    client: FlaskClient, path: str, clock: HandClock, rest: str
) -> None:
    assert client.get(path + rest).status_code == 200
    for other in (
        # Not its last letter, which may hold bits that mean nothing.
        path[:-2] + ("A" if path[-2] != "A" else "B") + path[-1],
        "/preview/x",
        "/preview/W10.x",
    ):
        assert client.get(other + rest).status_code == 404
    clock.advance(days=7)
    assert client.get(path + rest).status_code == 410


@pytest.mark.parametrize(
    "query", ["banner=xx", "layout=<b>", "colours=", "layer=9", "width=1e9"]
)
def test_a_look_that_is_not_known_is_the_sites_own(
    client: FlaskClient, path: str, query: str
) -> None:
    assert client.get(f"{path}?{query}").status_code == 200
    told = configuration(client, f"{path}/banner.js?{query}")
    assert "layout" not in told.get("modules_", {})
    assert "@media(prefers-color-scheme:dark)" in told["theme_"]
    assert told["lang_"] == "fr"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing"], "No notice is called nothing"),
        (["contact-form"], "only a banner is previewed"),
        (["site-banner", "--version", "ntv_0000000000000"], "has no version"),
        (["site-banner", "--days", "31"], "1<=x<=30"),
    ],
)
def test_what_cannot_be_previewed_is_said(
    clock: HandClock, words: list[str], said: str
) -> None:
    apply(clock)
    done = CliRunner().invoke(preview_command, words)
    assert done.exit_code != 0
    assert said in done.output


def test_the_line_for_the_head_is_shown_where_the_site_has_a_use_for_it(
    client: FlaskClient, clock: HandClock, path: str
) -> None:
    assert "data-hold" not in client.get(path).get_data(as_text=True)
    apply(clock, lambda document: document["sites"][0].update(banner={"auto_block": True}))
    for lang, words in (("en", "not in force"), ("fr", "en vigueur")):
        text = client.get(f"{link('site-banner')}?lang={lang}").get_data(as_text=True)
        assert f"'{code_hash()}'" in text
        assert "&lt;script data-hold=&#34;" in text
        assert words in text
