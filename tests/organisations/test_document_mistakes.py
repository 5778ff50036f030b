"""A mistake in an organisation file is named with its line and what would be right."""

from pathlib import Path

import pytest

from consent_server.organisations.document import (
    DocumentInvalid,
    document_as_json,
    load_document,
    parse_document,
)

FILES = Path(__file__).parents[2] / "consent_server" / "demo" / "organisations"
TEXT = (FILES / "cubalys.yaml").read_text(encoding="utf-8")
VARIABLES = {"SITE_ORIGIN": "https://www.cubalys.example"}


def errors_of(text: str, variables: dict[str, str] | None = None) -> DocumentInvalid:
    with pytest.raises(DocumentInvalid) as caught:
        load_document(text, name="cubalys.yaml", variables=variables or VARIABLES)
    return caught.value


def after(anchor: str, old: str, new: str) -> tuple[str, int]:
    """Return the file with one thing changed after an anchor, and the line it is on."""
    start = TEXT.index(old, TEXT.index(anchor))
    changed = f"{TEXT[:start]}{new}{TEXT[start + len(old) :]}"
    at = start + len(new) - len(new.lstrip("\n "))
    return changed, changed[:at].count("\n") + 1


@pytest.mark.parametrize(
    ("anchor", "old", "new", "path", "words"),
    [
        pytest.param(
            "slug: newsletter\n",
            "basis: consent",
            "basis: concent",
            "/purposes/4/basis",
            "did you mean `consent`?",
            id="a word that does not exist",
        ),
        pytest.param(
            "slug: newsletter\n",
            "validity: P3Y",
            "validity: 3 years",
            "/purposes/4/validity",
            "ISO 8601 duration",
            id="a duration in words",
        ),
        pytest.param(
            "slug: newsletter\n",
            "validity: P3Y",
            "validty: P3Y",
            "/purposes/4/validty",
            "did you mean `validity`?",
            id="a field misspelt",
        ),
        pytest.param(
            "slug: newsletter\n",
            "recipients: [mailing]",
            "recipients: [mailling]",
            "/purposes/4/recipients/0",
            "did you mean `mailing`?",
            id="a recipient that is not declared",
        ),
        pytest.param(
            "slug: analytics\n",
            "basis: consent",
            "basis: legitimate_interest",
            "/purposes/1/basis",
            "art. 82",
            id="EDPB-1: a tracker on legitimate interest",
        ),
        pytest.param(
            "slug: prospecting.phone\n",
            "validity: P1Y",
            "validity: P2Y",
            "/purposes/10/validity",
            "P1Y at most",
            id="PRO-3: consent to calls for two years",
        ),
        pytest.param(
            "slug: prospecting.phone\n",
            "proof_period: P3Y",
            "proof_period: P1Y",
            "/purposes/10/proof_period",
            "P3Y at least",
            id="PRO-3: proof of calls for a year",
        ),
        pytest.param(
            "slug: newsletter.professional\n",
            "regimes: [b2b_opt_out]",
            "regimes: [opt_out]",
            "/purposes/5/regimes",
            "soft_opt_in, b2b_opt_out",
            id="a letter without consent on the wrong rule",
        ),
        pytest.param(
            "slug: tidemark\n",
            "safeguard: scc",
            "safeguard: none_needed_eu",
            "/trackers/1/safeguard",
            "outside the European Economic Area",
            id="a transfer without safeguard",
        ),
        pytest.param(
            "slug: tidemark\n",
            "lifetime: P13M",
            "lifetime: 13 months",
            "/trackers/1/cookies/0/lifetime",
            "or session",
            id="a cookie's lifetime in words",
        ),
        pytest.param(
            "slug: tidemark\n",
            "purposes: [analytics]",
            "purposes: [analytics, necessary]",
            "/trackers/1/purposes",
            "split it",
            id="a tracker both exempt and by consent",
        ),
        pytest.param(
            "slug: tidemark\n",
            "country: US",
            "country: UK",
            "/trackers/1/country",
            "write GB",
            id="a country by its usual name",
        ),
        pytest.param(
            "slug: site-banner\n",
            "[necessary, analytics,",
            "[newsletter, necessary, analytics,",
            "/notices/0/purposes",
            "a banner asks about trackers only",
            id="a letter bundled into the banner",
        ),
        pytest.param(
            "slug: site-banner\n",
            "title: Vos traces, vos règles",
            "title: <b>Vos traces</b>",
            "/notices/0/words/fr/title",
            "looks like markup",
            id="markup in words",
        ),
        pytest.param(
            "slug: www\n",
            'origins: ["${SITE_ORIGIN}"]',
            'origins: ["https://www.cubalys.example/accueil"]',
            "/sites/0/origins/0",
            "no path",
            id="an origin with a path",
        ),
        pytest.param(
            "slug: www\n",
            'accent: "#4338ca"',
            'accent: "#cccccc"',
            "/sites/0/theme/accent",
            "contrast",
            id="A11Y-5: a banner nobody can read",
        ),
        pytest.param(
            "settings:",
            "ask_again_after: P6M",
            "ask_again_after: P1M",
            "/organisation/settings/ask_again_after",
            "P6M",
            id="CNIL-6: asking again each month",
        ),
        pytest.param(
            "slug: auditor\n",
            "auditor: true",
            "auditor: oui",
            "/access/roles/6/auditor",
            "true or false",
            id="a yes in French",
        ),
        pytest.param(
            "slug: google-api\n",
            "third_party: true",
            "third_party: false",
            "/sources/6/third_party",
            "so that the person is told",
            id="a third party that is none",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line_and_its_remedy(
    anchor: str, old: str, new: str, path: str, words: str
) -> None:
    text, line = after(anchor, old, new)
    (error,) = [one for one in errors_of(text).errors if one.path == path]
    assert error.line == line
    assert words in error.detail


def test_every_mistake_is_named_in_the_order_of_the_file() -> None:
    text = TEXT.replace("basis: consent", "basis: concent").replace("P13M", "13M")
    invalid = errors_of(text)
    lines = [error.line or 0 for error in invalid.errors]
    assert len(lines) == text.count("basis: concent") + text.count("13M")
    assert lines == sorted(lines)
    assert str(invalid).startswith("cubalys.yaml has ")


def test_a_missing_translation_is_named() -> None:
    text, line = after(
        "slug: newsletter\n", "      en: Once a month, our articles on risk", "      #"
    )
    (error,) = errors_of(text).errors
    assert error.path == "/purposes/4/text/en"
    assert "`en` is missing" in error.detail
    assert error.line == line - 2


def test_a_language_that_is_not_declared_is_refused() -> None:
    text, _ = after("slug: newsletter\n", "title: {fr:", "title: {de: Quadrat, fr:")
    (error,) = errors_of(text).errors
    assert "not one of the organisation's languages (fr, en)" in error.detail


def test_a_key_given_twice_is_refused_with_both_lines() -> None:
    text, line = after(
        "slug: newsletter\n", "validity: P3Y", "validity: P3Y\n    validity: P5Y"
    )
    (error,) = errors_of(text).errors
    assert error.line == line + 1
    assert f"already given at line {line}" in error.detail


def test_a_name_declared_twice_is_refused() -> None:
    text, _ = after("slug: newsletter.professional", "newsletter.professional", "newsletter")
    details = [error.detail for error in errors_of(text).errors]
    assert any("`newsletter` is already declared under purposes" in one for one in details)


def test_an_unknown_variable_is_refused_and_the_known_ones_named() -> None:
    errors = errors_of(TEXT, {"ORIGIN": "https://www.cubalys.example"}).errors
    assert {error.detail for error in errors} == {
        "the variable `SITE_ORIGIN` is not known here; known: ORIGIN"
    }


def test_a_variable_outside_a_web_address_is_refused() -> None:
    text, _ = after("organisation:", "name: Cubalys", "name: ${SITE_ORIGIN}")
    (error,) = errors_of(text).errors
    assert "variables are for web addresses only" in error.detail


def test_rights_of_the_law_cannot_be_left_out() -> None:
    text, _ = after("rights:", "right: portability", "right: access")
    details = " ".join(error.detail for error in errors_of(text).errors)
    assert "cannot be left out: portability" in details


def test_consent_that_nobody_is_asked_for_is_a_mistake() -> None:
    text = TEXT.replace("      - email_click_tracking\n", "")
    (error,) = errors_of(text).errors
    assert "nobody can consent" in error.detail


def test_the_same_mistakes_in_json_are_named_by_pointer() -> None:
    document = load_document(TEXT, name="", variables=VARIABLES)
    plain = document_as_json(document)
    plain["purposes"][1]["basis"] = "legitimate_interest"
    plain["organisation"]["name"] = 7
    plain["nickname"] = "Cube"
    with pytest.raises(DocumentInvalid) as caught:
        parse_document(plain)
    found = {(error.line, error.path) for error in caught.value.errors}
    assert found >= {
        (None, "/nickname"),
        (None, "/organisation/name"),
        (None, "/purposes/1/basis"),
    }


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("# nothing yet\n", id="a comment alone"),
        pytest.param("format: [consent", id="cut short"),
        pytest.param("- a\n- b\n", id="a list"),
        pytest.param("42", id="a number"),
        pytest.param("a: &x 1\nb: *x\n", id="an alias"),
        pytest.param("a: !!python/object:os.system 1\n", id="a type tag"),
        pytest.param("a: 1\n---\nb: 2\n", id="two documents"),
        pytest.param("[" * 100_000, id="nested without end"),
        pytest.param("a: '\x00'", id="a control character"),
        pytest.param("? [a]\n: b\n", id="a list as a name"),
        pytest.param("a" * 600_000, id="too long"),
        pytest.param(
            "organisation: {languages: no}\nsites: {a: b}\nnotices: yes", id="odd shapes"
        ),
    ],
)
def test_an_unreadable_file_is_refused_in_words(text: str) -> None:
    assert all(error.detail and error.line for error in errors_of(text).errors)
