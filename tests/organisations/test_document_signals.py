"""What a site says about other companies' tags is read whole, or refused in words."""

from __future__ import annotations

from typing import Any

import pytest

from consent_server.organisations.document import DocumentInvalid, document_as_json
from tests.support.document import parsed


def reading(**said: Any) -> Any:
    """Read the document with this on its site, and give the site back."""
    document = parsed(lambda document: document["sites"][0].update(said))
    return document_as_json(document)["sites"][0]


def test_gcm_2_redaction_is_on_and_click_identifiers_stay_out_of_addresses() -> None:
    google = reading(signals={"google": {"ad_storage": ["advertising"]}})["signals"]["google"]
    assert google["ads_data_redaction"] is True
    assert google["url_passthrough"] is False
    assert google["wait_for_update"] == "500"


def test_gcm_3_tags_wait_for_the_choice_unless_somebody_signs() -> None:
    google = reading(signals={"google": {}})["signals"]["google"]
    assert google["advanced_signed_by"] is None


def test_a_signal_that_is_not_named_has_no_purpose() -> None:
    google = reading(signals={"google": {"ad_storage": ["advertising"]}})["signals"]["google"]
    assert google["ad_storage"] == ["advertising"]
    assert google["analytics_storage"] == []


MISTAKES = [
    pytest.param(
        {"signals": {"google": {"ad_storage": ["advertisin"]}}},
        "/sites/0/signals/google/ad_storage/0",
        "did you mean `advertising`",
        id="a purpose that does not exist",
    ),
    pytest.param(
        {"signals": {"google": {"ad_storage": ["newsletter"]}}},
        "/sites/0/signals/google/ad_storage/0",
        "the banner of this site does not ask about `newsletter`",
        id="a purpose that the banner does not ask about",
    ),
    pytest.param(
        {"signals": {"google": {"ad_storge": []}}},
        "/sites/0/signals/google/ad_storge",
        "did you mean `ad_storage`",
        id="a signal that does not exist",
    ),
    pytest.param(
        {"signals": {"google": {"wait_for_update": "soon"}}},
        "/sites/0/signals/google/wait_for_update",
        "milliseconds, from 0 to 9999",
        id="a wait that is no number",
    ),
    pytest.param(
        {"signals": {"google": {"wait_for_update": 500}}},
        "/sites/0/signals/google/wait_for_update",
        "milliseconds, from 0 to 9999",
        id="a number where the format has texts",
    ),
    pytest.param(
        {"signals": {"data_layer": {"name": "__proto__"}}},
        "/sites/0/signals/data_layer/name",
        "the name of a variable",
        id="the root of every object",
    ),
    pytest.param(
        {"signals": {"data_layer": {"name": "a;alert(1)"}}},
        "/sites/0/signals/data_layer/name",
        "the name of a variable",
        id="a program instead of a name",
    ),
    pytest.param(
        {
            "signals": {
                "matomo": {"purposes": ["analytics"]},
                "piano": {"purposes": ["analytics"]},
            }
        },
        "/sites/0/signals/piano",
        "give Piano another queue",
        id="two who listen in one place",
    ),
    pytest.param(
        {"signals": {"meta": {}}},
        "/sites/0/signals/meta/purposes",
        "`purposes` is missing",
        id="a pixel without a purpose",
    ),
    pytest.param(
        {"markup": [{"vendor": "cookybot"}]},
        "/sites/0/markup/0/vendor",
        "did you mean `cookiebot`",
        id="a banner we do not know",
    ),
    pytest.param(
        {"markup": [{"vendor": "klaro"}, {"vendor": "klaro"}]},
        "/sites/0/markup/1/vendor",
        "`klaro` is there twice",
        id="a banner twice",
    ),
    pytest.param(
        {"markup": [{"vendor": "klaro", "means": [{"name": "a", "purpose": "analytics"}] * 2}]},
        "/sites/0/markup/0/means/1/name",
        "`a` is there twice",
        id="a category that means two things",
    ),
    pytest.param(
        {"markup": [{"vendor": "klaro", "means": [{"name": "a", "purpose": "newsletter"}]}]},
        "/sites/0/markup/0/means/0/purpose",
        "the banner of this site does not ask about `newsletter`",
        id="a category of something else",
    ),
]


@pytest.mark.parametrize(("said", "place", "detail"), MISTAKES)
def test_a_mistake_is_named_with_its_place(
    said: dict[str, Any], place: str, detail: str
) -> None:
    with pytest.raises(DocumentInvalid) as refused:
        reading(**said)
    (error,) = refused.value.errors
    assert error.path == place
    assert detail in error.detail
