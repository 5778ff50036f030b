"""Whatever is written in it, a document is read whole or refused in words."""

import copy
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent_server.organisations.document import (
    DocumentError,
    DocumentInvalid,
    Duration,
    OrganisationDocument,
    document_as_json,
    duration,
    load_document,
    parse_document,
)
from consent_server.organisations.document.contrast import contrast
from consent_server.organisations.document.periods import longer

FILES = Path(__file__).parents[2] / "consent_server" / "demo" / "organisations"
ORIGIN = {"SITE_ORIGIN": "https://www.hebergis.example"}


@cache
def text() -> str:
    return (FILES / "hebergis.yaml").read_text(encoding="utf-8")


@cache
def plain() -> dict[str, Any]:
    return document_as_json(load_document(text(), name="", variables=ORIGIN))


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """List the way to every value of a document."""
    found = [path] if path else []
    if isinstance(value, dict):
        return found + [one for name in value for one in places(value[name], (*path, name))]
    if isinstance(value, list):
        return found + [
            one for at, item in enumerate(value) for one in places(item, (*path, at))
        ]
    return found


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(
        ["P1Y", "consent", "fr", "newsletter", "FR", "#ffffff", "https://[", "P"]
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)


def document_or_errors(
    read: Callable[[], OrganisationDocument],
) -> OrganisationDocument | list[DocumentError]:
    try:
        return read()
    except DocumentInvalid as invalid:
        return invalid.errors


@given(data=st.data())
def test_any_value_put_anywhere_is_read_or_refused_in_words(data: st.DataObject) -> None:
    changed = copy.deepcopy(plain())
    *way, last = data.draw(st.sampled_from(places(plain())))
    holder: Any = changed
    for step in way:
        holder = holder[step]
    holder[last] = data.draw(ODD)
    read = document_or_errors(lambda: parse_document(changed))
    if isinstance(read, OrganisationDocument):
        assert parse_document(document_as_json(read)) == read
    else:
        assert read
        assert all(error.detail and error.line is None for error in read)


@settings(max_examples=40)
@given(data=st.data())
def test_any_line_left_out_or_moved_is_read_or_refused_by_line(data: st.DataObject) -> None:
    lines = text().splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    line = lines.pop(at)
    if data.draw(st.booleans()):
        lines.insert(data.draw(st.integers(0, len(lines))), line)
    changed = "\n".join(lines)
    read = document_or_errors(lambda: load_document(changed, name="", variables=ORIGIN))
    if not isinstance(read, OrganisationDocument):
        assert read
        assert all(error.line and error.line <= len(lines) + 1 for error in read)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("P6M", Duration(months=6)),
        ("P1Y2M", Duration(months=14)),
        ("P2W", Duration(days=14)),
        ("P30D", Duration(days=30)),
        ("PT30M", Duration(seconds=1800)),
        ("P1DT1H1S", Duration(days=1, seconds=3601)),
    ],
)
def test_durations_are_read_in_the_calendars_own_units(written: str, meant: Duration) -> None:
    assert duration(written) == meant


@pytest.mark.parametrize(
    "written", ["", "P", "PT", "6M", "P6", "P1.5Y", "-P1Y", "P1Y ", "P\uff11Y"]
)
def test_what_is_no_duration_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="not an ISO 8601 duration"):
        duration(written)


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        pytest.param("P12M", "P1Y", False, id="a year is twelve months"),
        pytest.param("P365D", "P1Y", False, id="PRO-3: 365 days fit in a year"),
        pytest.param("P366D", "P1Y", True, id="PRO-3: 366 days do not"),
        pytest.param("P395D", "P13M", False, id="CNIL-10: 395 days fit in thirteen months"),
        pytest.param("P396D", "P13M", True, id="CNIL-10: 396 days do not"),
    ],
)
def test_durations_compare(one: str, other: str, *, answer: bool) -> None:
    assert longer(one, other) is answer


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")


def exempt_audience(**changes: object) -> dict[str, Any]:
    """Return a document whose audience tracker claims the exemption."""
    changed = copy.deepcopy(plain())
    purpose = next(one for one in changed["purposes"] if one["slug"] == "analytics")
    purpose.update(basis="exempt", exemption_reason="audience_measurement", proof_period=None)
    tracker = next(one for one in changed["trackers"] if one["slug"] == "comptoir")
    tracker.update({"exemption_reason": "audience_measurement", **changes})
    return changed


def test_cnil_9_audience_measurement_may_be_exempt_within_its_limits() -> None:
    analytics = next(
        one for one in parse_document(exempt_audience()).purposes if one.slug == "analytics"
    )
    assert analytics.basis == "exempt"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cookies": [{"name": "cs_id", "lifetime": "P14M"}]}, "P13M at most"),
        ({"data_kept": "P26M"}, "P25M at most"),
        ({"data_kept": None}, "P25M at most"),
        ({"exemption_reason": None}, "say why it needs no consent"),
    ],
)
def test_cnil_10_audience_measurement_beyond_its_limits_is_not_exempt(
    changes: dict[str, object], words: str
) -> None:
    with pytest.raises(DocumentInvalid, match=words):
        parse_document(exempt_audience(**changes))


def test_a_family_and_a_channel_name_one_purpose() -> None:
    changed = copy.deepcopy(plain())
    loyalty = next(one for one in changed["purposes"] if one["slug"] == "loyalty")
    loyalty["family"] = "prospecting"
    with pytest.raises(DocumentInvalid, match=r"`prospecting\.email` already is the family"):
        parse_document(changed)


def test_two_banners_for_one_scope_are_refused() -> None:
    changed = copy.deepcopy(plain())
    second = {**copy.deepcopy(changed["notices"][0]), "slug": "second-banner"}
    changed["notices"].append(second)
    with pytest.raises(DocumentInvalid, match="`site-banner` already is the banner of `www`"):
        parse_document(changed)


def test_an_origin_belongs_to_one_site() -> None:
    changed = copy.deepcopy(plain())
    changed["sites"].append({**copy.deepcopy(changed["sites"][0]), "slug": "blog"})
    with pytest.raises(DocumentInvalid, match="already belongs to the site `www`"):
        parse_document(changed)


def test_languages_of_a_notice_have_the_same_sections() -> None:
    changed = copy.deepcopy(plain())
    form = next(one for one in changed["notices"] if one["surface"] == "form")
    form["words"]["en"]["sections"].pop()
    with pytest.raises(DocumentInvalid, match=r"(fr 2, en 1)|(en 1, fr 2)"):
        parse_document(changed)
