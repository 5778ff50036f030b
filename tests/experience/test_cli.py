"""What staff type to see the catalogue, and to learn which of it a page uses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner, Result

from consent_server.experience.cli import trackers_commands
from consent_server.organisations.document import load_document
from tests.support.document import FILE, ORIGIN, apply

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.clock import HandClock

commands = click.Group("consent", commands={"trackers": trackers_commands})

PAGE = """<!doctype html><html><head>
<script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>
<script>(function(){var u="https:\\/\\/static.hotjar.com\\/c\\/hotjar-1.js"})()</script>
<link rel="stylesheet" href="//fonts.googleapis.com/css2?family=Inter">
</head><body>
<a href="https://www.tiktok.com/embed/1">a link calls nobody</a>
<iframe src="https://www.youtube-nocookie.com/embed/1?me=jane@example.org"></iframe>
<img src="https://pixel.nobody-knows.example/p.gif" alt=""><img src="/own.png" alt="">
<script src="%s/app.js"></script>
</body></html>
"""


def run(*words: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(commands, ("trackers", *words), input=stdin)


def said(*words: str, stdin: str | None = None) -> Any:
    done = run(*words, "--json", stdin=stdin)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture
def cubalys(app: object, clock: HandClock) -> None:
    """Have the first demonstration organisation declare itself."""
    apply(clock)


def test_the_catalogue_is_listed_for_people_and_for_scripts() -> None:
    shown = run("list")
    assert shown.exit_code == 0
    assert "youtube" in shown.output
    only = said("list", "--use", "maps")
    assert {one["use"] for one in only} == {"maps"}
    assert {"google-maps", "mapbox"} <= {one["slug"] for one in only}


@pytest.mark.usefixtures("cubalys")
def test_a_page_is_told_which_services_it_uses(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(PAGE % ORIGIN)
    found = said("suggest", str(page))
    slugs = [one["slug"] for one in found["services"]]
    assert slugs == ["google-fonts", "google-tag", "hotjar", "youtube"]
    assert found["unknown"] == ["pixel.nobody-knows.example"]


@pytest.mark.usefixtures("cubalys")
def test_no_query_of_an_address_is_ever_shown(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(PAGE % ORIGIN)
    for words in ((), ("--json",)):
        assert "jane" not in run("suggest", str(page), *words).output


@pytest.mark.usefixtures("cubalys")
def test_a_recording_of_the_network_is_read_with_its_cookies(tmp_path: Path) -> None:
    entry = {
        "request": {"url": "https://bat.bing.com/bat.js", "cookies": [{"name": "_uetsid"}]},
        "response": {"cookies": [{"name": "_clck"}]},
    }
    recording = tmp_path / "page.har"
    recording.write_text(json.dumps({"log": {"entries": [entry]}}))
    found = {one["slug"]: one for one in said("suggest", str(recording))["services"]}
    assert found["microsoft-advertising"]["hosts"] == ["bat.bing.com"]
    assert found["microsoft-advertising"]["names"] == ["_uetsid"]
    assert found["microsoft-clarity"]["names"] == ["_clck"]


@pytest.mark.usefixtures("cubalys")
def test_a_name_that_several_services_leave_is_not_guessed() -> None:
    found = said("suggest", "-", stdin="# from the browser\n_pk_id.1.1fff=abc\n")
    assert found["services"] == []
    assert found["unsure"] == {"_pk_id.1.1fff": ["matomo-cloud", "piwik-pro"]}
    lines = "_pk_id.1.1fff\nacme.matomo.cloud/matomo.js\n"
    (one,) = said("suggest", "-", stdin=lines)["services"]
    assert (one["slug"], one["names"]) == ("matomo-cloud", ["_pk_id.1.1fff"])


@pytest.mark.usefixtures("cubalys")
def test_what_is_missing_is_written_ready_to_paste() -> None:
    shown = run(
        "suggest", "-", stdin="https://static.hotjar.com/c/hotjar-1.js\nplayer.ina.fr\n"
    )
    assert shown.exit_code == 0, shown.output
    assert "missing   Hotjar (static.hotjar.com)" in shown.output
    pasted = shown.output.split("trackers:\n", 1)[1]
    pasted = pasted.replace("purposes: []", "purposes: [analytics]")
    pasted = pasted.replace('privacy_url: ""', "privacy_url: https://ina.example/vie-privee")
    text = FILE.read_text("utf-8").replace("\ntrackers:\n", f"\ntrackers:\n{pasted}\n", 1)
    document = load_document(text, name="pasted", variables={"SITE_ORIGIN": ORIGIN})
    slugs = {one.slug for one in document.trackers}
    assert {"hotjar", "ina"} <= slugs


@pytest.mark.usefixtures("cubalys")
def test_a_declared_service_is_not_suggested_again(clock: HandClock) -> None:
    tracker = {
        "slug": "films",
        "name": "Films",
        "provider": "Vimeo",
        "country": "US",
        "safeguard": "scc",
        "privacy_url": "https://vimeo.com/legal/privacy",
        "purposes": ["video"],
        "hosts": ["player.vimeo.com"],
    }
    apply(clock, lambda document: document["trackers"].append(tracker))
    shown = run("suggest", "-", stdin="player.vimeo.com/video/1\nwww.youtube.com/embed/1\n")
    assert "declared  Vimeo, by films" in shown.output
    assert "missing   YouTube" in shown.output
    assert "purposes: [video]  # as your other services of this kind; check" in shown.output


@pytest.mark.usefixtures("cubalys")
@pytest.mark.parametrize(
    ("given", "told"),
    [
        (b"", "it is empty"),
        (b'{"log": 1}', "holds no log of requests"),
        (b"{", "holds no log of requests"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(given: bytes, told: str) -> None:
    done = run("suggest", "-", stdin=given)
    assert done.exit_code == 1
    assert told in done.output
    assert "Traceback" not in done.output


@pytest.mark.usefixtures("cubalys")
def test_an_unknown_site_is_refused_with_the_known_ones() -> None:
    done = run("suggest", "-", "--site", "nowhere", stdin="youtube.com\n")
    assert done.exit_code == 1
    assert "No site is called nowhere; there is: " in done.output
