"""Pages people read, their words, and the API's page made from the document."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from consent_server.problems import RefusedToStart
from consent_server.web import pages
from consent_server.web.pages import LANGUAGES, choose_language
from consent_server.web.words import load_words

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient


class Outline(HTMLParser):
    """What a page's markup promises to someone who does not see it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.headings: list[int] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.tags.append(tag)
        self.ids += [told["id"] or ""] if "id" in told else []
        self.links += [told["href"] or ""] if tag == "a" else []
        if tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append(int(tag[1]))


@pytest.mark.parametrize("path", ["/", "/v1/docs", "/u/x"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_can_be_read_without_seeing_it(
    visit: FlaskClient, path: str, language: str
) -> None:
    text = visit.get(f"{path}?lang={language}").text
    outline = Outline(text)

    assert outline.links[0] == "#content"
    assert "content" in outline.ids
    assert len(outline.ids) == len(set(outline.ids)), "an id is there twice"
    assert outline.headings[0] == 1
    assert outline.headings.count(1) == 1
    for before, after in zip(outline.headings, outline.headings[1:], strict=False):
        assert after <= before + 1, "a heading level is skipped"
    assert {"header", "main", "footer"} <= set(outline.tags)
    assert "{{" not in text


def test_the_start_page_leads_only_to_places_that_exist(
    room: Flask, visit: FlaskClient
) -> None:
    known = {rule.rule for rule in room.url_map.iter_rules()}
    # These are the ledger's.
    known |= {"/log/", "/verify", "/.well-known/jwks.json"}
    inside = {link for link in Outline(visit.get("/").text).links if link.startswith("/")}

    assert inside <= known


def test_the_api_page_shows_every_operation_and_leads_nowhere_wrong(
    visit: FlaskClient,
) -> None:
    text = visit.get("/v1/docs").text
    outline = Outline(text)

    for words in (
        "/v1/permissions",
        "Ask whether a person may be contacted.",
        "The answer names its reason.",
        "/v1/events",
        "Asked",
        "required",
    ):
        assert words in text
    for link in outline.links:
        assert not link.startswith("#") or link[1:] in outline.ids, link


def test_the_api_page_speaks_french(visit: FlaskClient) -> None:
    text = visit.get("/v1/docs", headers={"Accept-Language": "fr-CA,fr;q=0.9"}).text

    assert '<html lang="fr"' in text
    assert "Réponses" in text


@pytest.mark.parametrize(
    ("query", "header", "chosen"),
    [
        ("", "", "en"),
        ("lang=fr", "en", "fr"),
        ("lang=xx", "fr", "fr"),
        ("", "fr-CH, en;q=0.5", "fr"),
        ("", "de", "en"),
        ("", "en-GB", "en"),
        ("lang=", "", "en"),
        ("", "*", "en"),
    ],
)
def test_the_language_is_the_asked_one_then_the_browsers_then_ours(
    room: Flask, query: str, header: str, chosen: str
) -> None:
    with room.test_request_context(f"/?{query}", headers={"Accept-Language": header}):
        assert choose_language(("en", "fr"), "en") == chosen


def test_words_that_lack_a_language_refuse_to_start(tmp_path: Path) -> None:
    words = tmp_path / "words"
    words.mkdir()
    (words / "en.json").write_text(json.dumps({"a": "A", "b": "B"}))
    assert load_words(tmp_path)["en"]["b"] == "B"
    (words / "fr.json").write_text(json.dumps({"a": "Â"}))

    with pytest.raises(RefusedToStart, match="fr: b"):
        load_words(tmp_path)


def test_a_room_without_words_refuses_to_start(tmp_path: Path) -> None:
    with pytest.raises(RefusedToStart):
        load_words(tmp_path)


def test_no_page_of_ours_writes_a_style_or_a_script_into_the_markup() -> None:
    ours = Path(pages.__file__).parents[1]
    # These play other people's websites: they do carry scripts.
    played = {*(ours / "demo").rglob("*.html"), *ours.rglob("preview_page.html")}
    # One file that must work without us, under a policy that names it by its hash.
    alone = {ours / "static" / "verify" / "verify.html"}
    for template in set(ours.rglob("*.html")) - played - alone:
        text = template.read_text("utf-8")
        assert " style=" not in text, template
        assert "<script" not in text, template
        assert "|safe" not in text.replace(" ", ""), template
