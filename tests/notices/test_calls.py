"""PRO-5: whoever leaves a telephone number is told that sales calls need her yes first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from consent_server.notices.built_in import built_in_words, words_of_calls
from consent_server.organisations.document.law import calls_are_told
from tests.notices.test_pages import address, text_of
from tests.support.document import apply, item

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.support.clock import HandClock

LANGUAGES = sorted(built_in_words("banner"))
SAID = {tongue: texts["calls"] for tongue, texts in words_of_calls(["en", "fr"]).items()}


def asking(*purposes: str) -> Any:
    """Have the contact form ask for these; another form goes on asking for the rest."""

    def change(document: dict[str, Any]) -> None:
        form = item(document, "notices", "contact-form")
        document["notices"].append({**form, "slug": "other-form"})
        form["purposes"] = list(purposes)

    return change


def abroad(document: dict[str, Any]) -> None:
    document["organisation"]["country"] = "BE"


def test_pro_5_the_sentence_says_that_a_number_is_no_consent() -> None:
    assert "need their prior consent" in SAID["en"]
    assert "is not giving that consent" in SAID["en"]
    assert "suppose son consentement préalable" in SAID["fr"]
    assert "n’est pas donner ce consentement" in SAID["fr"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_pro_5_it_is_said_in_every_language_of_ours_and_cites_the_law(language: str) -> None:
    (text,) = words_of_calls([language])[language].values()
    assert "L. 223-1" in text
    assert "L. 223-2" in text
    assert language == "en" or text != SAID["en"]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("slug", ["contact-form", "sales-call"])
def test_pro_5_whoever_leaves_a_number_reads_or_hears_it(
    client: FlaskClient, clock: HandClock, slug: str, language: str
) -> None:
    path = address(apply(clock), slug)
    page = text_of(client, f"{path}?lang={language}")
    assert page.count(SAID[language]) == 1
    assert page.index('id="asked"') < page.index(SAID[language])
    # Its fingerprint is over the body: what was said can be shown to a stranger.
    body = client.get(f"{path}.json").get_json()["body"]
    assert body["built_in"] == {tongue: {"calls": text} for tongue, text in SAID.items()}


@pytest.mark.parametrize(
    ("slug", "change"),
    [
        pytest.param("site-banner", None, id="a banner collects no number"),
        pytest.param("privacy-policy", None, id="a policy collects nothing"),
        pytest.param("contact-form", asking("newsletter"), id="a form for a letter"),
        pytest.param("contact-form", abroad, id="PRO-5 is a rule of French law"),
    ],
)
def test_pro_5_it_is_not_said_where_no_number_is_collected(
    client: FlaskClient, clock: HandClock, slug: str, change: Any
) -> None:
    page = text_of(client, f"{address(apply(clock, change), slug)}?lang=en")
    assert SAID["en"] not in page


def test_pro_5_a_number_for_texts_is_a_number(client: FlaskClient, clock: HandClock) -> None:
    def by_text(document: dict[str, Any]) -> None:
        asking("prospecting.email")(document)
        item(document, "purposes", "prospecting.email")["channel"] = "sms"

    assert SAID["en"] in text_of(
        client, f"{address(apply(clock, by_text), 'contact-form')}?lang=en"
    )


def test_pro_5_a_language_that_we_lack_is_answered_in_english_and_says_so(
    client: FlaskClient, clock: HandClock
) -> None:
    assert words_of_calls(["ca"]) == {"en": {"calls": SAID["en"]}}
    assert words_of_calls(["ca", "fr"]) == {"fr": {"calls": SAID["fr"]}}


def test_pro_5_a_form_published_before_is_told_editorially_and_keeps_its_consents(
    client: FlaskClient, clock: HandClock
) -> None:
    apply(clock, abroad)
    (made,) = [one for one in apply(clock).published if one.notice.slug == "sales-call"]
    assert made.judgement.touched == frozenset()


def test_pro_5_the_law_is_french_wherever_french_law_holds() -> None:
    assert calls_are_told("FR")
    assert calls_are_told("RE")
    assert not calls_are_told("DE")
