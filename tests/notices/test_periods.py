"""Durations and countries in the reader's language, on pages and where a browser cannot."""

from __future__ import annotations

import pytest

from consent_server.notices.built_in import built_in_words
from consent_server.notices.periods import beyond_the_browser, country_said, period_said

LANGUAGES = sorted(built_in_words("banner"))


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en", "P13M", "13 months"),
        ("fr", "P1Y6M", "18\u00a0mois"),
        ("no", "P1Y", "1 år"),
        ("it", "P1Y", "1 anno"),
        ("he", "P2Y", "2 שנים"),
        ("pl", "P5M", "5 miesięcy"),
        ("ar", "P6M", "6 أشهر"),
        ("ga", "P7Y", "7 mbliana"),
        ("ga", "P13M", "13 mí"),
        ("mt", "P6M", "6 xhur"),
        ("mt", "P13M", "13 xahar"),
        ("mt", "P2Y", "sentejn"),
        ("is", "P6M", "6 mánuðir"),
        ("xx", "PT30M", "30 minutes"),
    ],
)
def test_a_duration_is_said_as_its_reader_would(language: str, text: str, said: str) -> None:
    assert period_said(text, language) == said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [1, 2, 3, 7, 11, 30])
def test_every_unit_has_words_in_every_language(language: str, count: int) -> None:
    units = {"Y": "P{}Y", "M": "P{}M", "D": "P{}D", "h": "PT{}H", "m": "PT{}M", "s": "PT{}S"}
    for form in units.values():
        said = period_said(form.format(count), language)
        assert said
        assert "duration" not in said
        assert language == "en" or not any(
            word in said for word in ("year", "month", "day", "hour")
        )


def test_a_country_is_named_in_the_readers_language() -> None:
    assert country_said("US", "mt") == "l-Istati Uniti"
    assert country_said("DE", "no") == "Tyskland"
    assert country_said("somewhere", "fr") == "somewhere"
    assert country_said(None, "fr") == ""


def test_the_browser_is_told_only_what_its_own_intl_cannot_say() -> None:
    lifetimes = ["P13M", "P1Y6M", "PT30M", "session"]
    assert beyond_the_browser(lifetimes, ["US"], "fr") == {"lifetime_P1Y6M": "18\u00a0mois"}
    assert beyond_the_browser(lifetimes, ["US"], "is") == {
        "lifetime_P13M": "13 mánuðir",
        "lifetime_P1Y6M": "18 mánuðir",
        "lifetime_PT30M": "30 mínútur",
        "country_US": "Bandaríkin",
    }
