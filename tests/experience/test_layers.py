"""What a banner shows, as markup: fair, whole, and made of nothing but what we wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import StrictUndefined

from consent_server.experience.layers import frame, second_layer
from consent_server.notices.built_in import built_in_words
from tests.support.markup import Markup

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = {**built_in_words("banner")["en"], "title": "Trackers?", "intro": "May we?"}
ANSWERS = ["accept_all", "refuse_all"]
# Written by its number, or left out by whoever reads markup.
_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")).filter(
    lambda text: text == text.strip() and text
)


@pytest.fixture(autouse=True, scope="module")
def context() -> Iterator[None]:
    """Give an application that has our templates."""
    app = Flask("consent_server.experience")
    app.jinja_env.undefined = StrictUndefined
    with app.app_context():
        yield


def purpose(slug: str, **but: Any) -> dict[str, Any]:
    return {"slug": slug, "title": slug, "text": "Why.", "exempt": False, "trackers": [], **but}


def told(**but: Any) -> dict[str, Any]:
    return {
        "language": "en",
        "words": WORDS,
        "scope": None,
        "privacy_url": "https://own.example/privacy",
        "contact": "dpo@own.example",
        "purposes": [
            purpose("analytics", trackers=["trk_1"]),
            purpose("basket", exempt=True),
        ],
        "trackers": [
            {
                "id": "trk_1",
                "name": "Counter",
                "provider": "Counter Ltd",
                "country": "GB",
                "safeguard": "adequacy",
                "privacy_url": "https://counter.example/",
                "exemption_reason": None,
                "cookies": [
                    {"name": "_c*", "lifetime": "P13M"},
                    {"name": "_s", "lifetime": "session"},
                ],
            }
        ],
        "controllers": [{"name": "Own", "role": "controller", "privacy_url": None}],
        **but,
    }  # fmt: skip


def actions(markup: str) -> list[str | None]:
    return [given["data-action"] for given in Markup(markup).named("button")]


def test_the_first_layer_has_three_answers_of_one_look_and_no_switch() -> None:
    markup = frame(told())
    assert actions(markup) == [*ANSWERS, "choose", "reload", "open"]
    looks = [given.get("class") for given in Markup(markup).named("button")]
    assert looks == [None, None, None, "plain", "plain"]
    assert Markup(markup).named("input") == []


def test_the_second_layer_has_a_switch_for_each_purpose_and_none_is_set() -> None:
    markup = second_layer(told())
    assert actions(markup) == ["close", *ANSWERS, "save"]
    switches = Markup(markup).named("input")
    assert [given["name"] for given in switches] == ["analytics"]
    assert not any("checked" in given for given in switches)
    assert WORDS["always_on"] in Markup(markup).texts


def test_cnil_5_nothing_that_the_contract_shows_of_a_tracker_is_lost() -> None:
    texts = Markup(second_layer(told())).texts
    for said in ("Counter", "Counter Ltd", "United Kingdom", WORDS["safeguard_adequacy"]):
        assert said in texts
    assert f"_c* (13 months), _s ({WORDS['lifetime_session']})" in texts
    assert WORDS["reason"] not in texts
    assert f", {WORDS['role_controller']}" in texts


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//own.example", "", None]
)
def test_a_link_that_is_not_of_the_web_is_none(address: str | None) -> None:
    first, second = told(privacy_url=address), told(privacy_url=address, trackers=[])
    second["purposes"] = []
    assert Markup(frame(first)).named("a") == []
    assert Markup(second_layer(second)).named("a") == []
    assert len(Markup(frame(told())).named("a")) == 1


def test_a11y_10_a_text_in_another_language_says_so() -> None:
    arabic = told(purposes=[purpose("ads", lang="ar")], words={**WORDS, "lang": "fr"})
    for markup in (frame(arabic), second_layer(arabic)):
        spoken = [
            (tag, given["lang"]) for tag, given in Markup(markup).elements if "lang" in given
        ]
        assert ("h2", "fr") in spoken
        assert {tag for tag, lang in spoken if lang == "ar"} <= {"li", "h3", "p"}
        assert len([lang for _, lang in spoken if lang == "ar"]) in {1, 2}


def test_a_scope_of_several_sites_names_them() -> None:
    scope = {"name": "group", "sites": ["One", "Two"]}
    said = f"{WORDS['scope']} group, One, Two"
    assert said in Markup(frame(told(scope=scope))).texts
    assert said in Markup(second_layer(told(scope=scope))).texts
    assert said not in Markup(frame(told(scope={**scope, "sites": ["One"]}))).texts


@given(_TEXTS)
def test_75_a_text_is_only_ever_a_text(text: str) -> None:
    plain, hostile = told(), told(
        contact=text,
        words=dict.fromkeys(WORDS, text),
        purposes=[
            purpose("analytics", title=text, text=text, trackers=["trk_1"]),
            purpose("basket", exempt=True, title=text, text=text),
        ],
        controllers=[{"name": text, "role": text, "privacy_url": None}],
    )  # fmt: skip
    tracker = hostile["trackers"][0]
    hostile["trackers"] = [{**tracker, "name": text, "provider": text, "safeguard": text}]
    for layer in (frame, second_layer):
        found = Markup(layer(hostile))
        assert found.shape == Markup(layer(plain)).shape
        assert any(text in each for each in found.texts)
