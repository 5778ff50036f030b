"""Each preset of docs/importing.md, tried on the sample that stands there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from consent_server.imports.rules.cookies import NotACookie, read_cookie
from consent_server.imports.rules.presets import PRESETS
from consent_server.imports.rules.signs import meaning
from tests.imports.conftest import reasons
from tests.support.recipes import recipes

if TYPE_CHECKING:
    from tests.imports.conftest import Desk

SAMPLES = recipes("importing.md")
# What the lookup says of each, once the sample is carried over.
SAID = {
    "listmonk": {
        "ada": "consent",
        "ben": "refused",
        "cleo": "suppressed",
        "dan": "unconfirmed",
    },
    "mailchimp": {"ada": "consent", "ben": "refused", "cleo": "suppressed", "dan": "nothing"},
    "brevo": {"ada": "consent", "ben": "refused", "cleo": "suppressed", "dan": "unconfirmed"},
    "mautic": {"ada": "nothing", "ben": "refused", "cleo": "suppressed"},
    "hubspot": {"ada": "consent", "ben": "suppressed", "cleo": "suppressed", "dan": "nothing"},
}
COOKIES = ("klaro", "tarteaucitron", "cookieconsent")


def test_every_preset_has_a_sample_and_every_sample_a_preset() -> None:
    assert set(SAMPLES) == set(PRESETS) == {*SAID, *COOKIES}


@pytest.mark.parametrize("preset", list(SAID))
def test_a_tool_s_export_becomes_noes_and_suppressions_and_only_yeses_that_were_said(
    desk: Desk, preset: str
) -> None:
    told = {"preset": preset, "purpose": "newsletter", "evidence": f"export of {preset}"}
    done = desk.apply(SAMPLES[preset], **told, source="")
    refused = {line: code for code, lines in reasons(done).items() for line in lines}
    for line, (name, said) in enumerate(SAID[preset].items(), 2):
        if said in {"unconfirmed", "nothing"}:
            assert refused.pop(line) == said
            said = "never_asked"
        assert desk.house.why({"email": f"{name}@people.example"}) == said, name
    assert refused == {}


@pytest.mark.parametrize("preset", COOKIES)
def test_a_cookie_of_another_banner_becomes_the_visitor_s_choice(
    desk: Desk, preset: str
) -> None:
    told = {
        "preset": preset,
        "purposes": "matomo=analytics,youtube=video",
        "notice_version": desk.house.banner,
        "evidence": "cookies of the old banner",
    }
    done = desk.apply(SAMPLES[preset], **told)
    assert reasons(done) == {}
    visitor = (
        "7c1f0e0e-5b5b-4a43-9a4e-0f5f3f0f7a11"
        if preset == "cookieconsent"
        else "visitor-0000000000000001"
    )
    # A tracker's yes must have been seen by us; theirs says only what was answered.
    assert desk.house.why({"visitor": visitor}, "analytics") == "unproven"
    assert desk.house.why({"visitor": visitor}, "video") == "refused"


@pytest.mark.parametrize("preset", list(SAID))
def test_no_zero_and_no_silence_is_a_yes(preset: str) -> None:
    for word in ("0", "false", "no", "", "off", "unknown"):
        cells = dict.fromkeys(
            {name for sign in PRESETS[preset].signs for name in sign.columns}, word
        )
        cells.pop("clean_time", None)
        cells.pop("confirm_time", None)
        assert meaning(PRESETS[preset], cells).word != "granted"


@pytest.mark.parametrize(
    ("banner", "text"),
    [
        ("klaro", "!matomo=true"),
        ("klaro", '{"matomo": "yes"}'),
        ("klaro", "[" * 5000),
        ("tarteaucitron", "matomo"),
        ("cookieconsent", '{"matomo": true}'),
        ("cookieconsent", "x" * 9000),
    ],
)
def test_what_is_no_cookie_of_that_banner_is_refused(banner: str, text: str) -> None:
    with pytest.raises(NotACookie):
        read_cookie(banner, text)
