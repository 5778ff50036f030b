"""What an organisation may set of the law's own figures: tighter, never looser."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from consent_server.organisations.document import DocumentInvalid, parse_document
from consent_server.organisations.document.law import bounds_of
from consent_server.organisations.document.vocabulary import Weekday
from tests.organisations.test_document_rules import plain


def with_settings(**settings: Any) -> dict[str, Any]:
    changed = copy.deepcopy(plain())
    changed["organisation"]["settings"].update(settings)
    for each in changed["purposes"]:
        if each["channel"] == "phone":
            each["validity"] = settings.get("phone_consent_limit", "P1Y")
    return changed


def limited(channel: str = "phone", **limit: Any) -> dict[str, Any]:
    return with_settings(limits=[{"channel": channel, **limit}])


@pytest.mark.parametrize(
    "settings",
    [
        {"phone_consent_limit": "P6M"},
        {"phone_consent_limit": "P365D"},
        {"age_of_consent": "15"},
        {"age_of_consent": "18"},
        {"limits": [{"channel": "phone", "attempts": "3", "within": "P30D"}]},
        {"limits": [{"channel": "phone", "attempts": "4", "within": "P30D"}]},
        {"limits": [{"channel": "phone", "attempts": "1", "within": "P1D"}]},
        {"limits": [{"channel": "phone", "attempts": "10", "within": "P1Y"}]},
        {"limits": [{"channel": "phone", "pause_after_refusal": "P1Y"}]},
        {"limits": [{"channel": "phone", "days": ["monday"]}]},
        {
            "limits": [
                {
                    "channel": "phone",
                    "hours": [
                        {"opens": "10:00", "closes": "13:00"},
                        {"opens": "14:00", "closes": "18:30"},
                    ],
                }
            ]
        },
        {
            "limits": [
                {"channel": "email", "attempts": "2", "within": "P7D", "days": ["sunday"]}
            ]
        },
    ],
    ids=str,
)
def test_tighter_figures_are_taken(settings: dict[str, Any]) -> None:
    document = parse_document(with_settings(**settings))
    for name, value in settings.items():
        if name != "limits":
            assert getattr(document.organisation.settings, name) == value


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param(
            with_settings(phone_consent_limit="P13M"),
            "lasts P1Y at most .*tighten that, not loosen",
            id="PRO-3 a longer consent to calls",
        ),
        pytest.param(
            with_settings(age_of_consent="14"), "agree alone from 15 on", id="GDPR-4 younger"
        ),
        pytest.param(
            limited(attempts="5", within="P30D"), "stops at 4 attempts", id="PRO-4 a fifth call"
        ),
        pytest.param(
            limited(attempts="4", within="P7D"), "write fewer, or a longer", id="PRO-4 sooner"
        ),
        pytest.param(
            limited(pause_after_refusal="P30D"), "wants P60D of peace", id="PRO-4 less peace"
        ),
        pytest.param(limited(days=["saturday"]), "no call on saturday", id="PRO-4 Saturday"),
        pytest.param(
            limited(hours=[{"opens": "09:00", "closes": "12:00"}]),
            "10:00 to 13:00, 14:00 to 20:00 only",
            id="PRO-4 earlier",
        ),
        pytest.param(
            limited(hours=[{"opens": "12:00", "closes": "15:00"}]), "only", id="PRO-4 lunch"
        ),
        pytest.param(
            limited("automated_call", days=["sunday"]), "no call on sunday", id="a machine's"
        ),
        pytest.param(
            limited(hours=[{"opens": "12:00", "closes": "11:00"}]), "after it opens", id="back"
        ),
        pytest.param(
            limited(
                hours=[
                    {"opens": "10:00", "closes": "12:00"},
                    {"opens": "11:00", "closes": "13:00"},
                ]
            ),
            "overlap",
            id="twice open",
        ),
        pytest.param(limited(attempts="3"), "say both", id="without a period"),
        pytest.param(limited(within="P30D"), "say both", id="without a number"),
        pytest.param(
            limited(attempts="-1", within="P30D"), "whole number", id="fewer than none"
        ),
        pytest.param(limited(hours=[{"opens": "25:00", "closes": "26:00"}]), "time", id="25"),
        pytest.param(limited("web", days=["monday"]), "nobody is reached by web", id="web"),
        pytest.param(
            with_settings(limits=[{"channel": "phone"}, {"channel": "phone"}]),
            "one limit for each channel",
            id="twice",
        ),
    ],
)
def test_looser_figures_are_refused_with_the_reason(
    changed: dict[str, Any], words: str
) -> None:
    with pytest.raises(DocumentInvalid, match=words):
        parse_document(changed)


def test_where_the_law_sets_no_hours_an_organisation_sets_its_own() -> None:
    changed = limited(hours=[{"opens": "08:00", "closes": "21:00"}], days=["saturday"])
    changed["organisation"]["country"] = "DE"
    parse_document(changed)


def test_a_limit_reads_as_bounds() -> None:
    bounds = bounds_of(
        {
            "channel": "phone",
            "attempts": "0",
            "within": "P30D",
            "days": [],
            "hours": [
                {"opens": "14:00", "closes": "24:00"},
                {"opens": "09:30", "closes": "12:00"},
            ],
        }
    )
    assert bounds.attempts == 0
    assert bounds.days == frozenset(Weekday)
    assert bounds.hours == ((570, 720), (840, 1440))


def test_a_letter_by_opt_out_is_declared_where_that_is_the_law() -> None:
    changed = copy.deepcopy(plain())
    letter = next(
        each for each in changed["purposes"] if each["slug"] == "newsletter.customers"
    )
    letter["regimes"] = ["opt_out"]
    with pytest.raises(DocumentInvalid, match="name the rule relied on"):
        parse_document(changed)


@pytest.mark.parametrize("channel", ["sms", "mms", "fax", "automated_call"])
def test_offers_go_by_every_channel_that_reaches_people(channel: str) -> None:
    changed = copy.deepcopy(plain())
    offers = next(each for each in changed["purposes"] if each["slug"] == "promotions")
    offers["channel"] = channel
    assert any(each.channel == channel for each in parse_document(changed).purposes)


def test_pix_1_and_pix_4_open_tracking_rests_on_a_consent_of_its_own() -> None:
    changed = copy.deepcopy(plain())
    survey = next(each for each in changed["purposes"] if each["slug"] == "surveys")
    survey["slug"] = "email_open_tracking"
    with pytest.raises(DocumentInvalid, match="consent` of its own, apart"):
        parse_document(changed)
