"""What changed between two documents, as a person reads it before agreeing."""

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.organisations.document import (
    Change,
    diff_documents,
    document_as_json,
    load_document,
    render_diff,
)

FILES = Path(__file__).parents[2] / "consent_server" / "demo" / "organisations"
ORIGIN = {"SITE_ORIGIN": "https://www.hebergis.example"}


@pytest.fixture(scope="module")
def before() -> dict[str, Any]:
    text = (FILES / "hebergis.yaml").read_text(encoding="utf-8")
    return document_as_json(load_document(text, name="", variables=ORIGIN))


def purpose(document: dict[str, Any], slug: str) -> dict[str, Any]:
    return next(one for one in document["purposes"] if one["slug"] == slug)


def test_the_same_document_shows_no_change(before: dict[str, Any]) -> None:
    assert diff_documents(before, copy.deepcopy(before)) == []
    assert render_diff([]) == ""


def test_a_change_is_placed_by_name_and_not_by_position(before: dict[str, Any]) -> None:
    after = copy.deepcopy(before)
    purpose(after, "newsletter")["validity"] = "P2Y"
    after["purposes"].insert(0, after["purposes"].pop())
    change, order = diff_documents(before, after)
    assert change == Change("purposes[newsletter].validity", "P3Y", "P2Y")
    assert order.path == "purposes.order"
    assert render_diff([change]) == "~ purposes[newsletter].validity\n    - P3Y\n    + P2Y"


def test_what_comes_and_what_goes_is_named_by_its_title(before: dict[str, Any]) -> None:
    after = copy.deepcopy(before)
    gone = purpose(after, "surveys")
    after["purposes"].remove(gone)
    after["purposes"].append({**copy.deepcopy(gone), "slug": "polls"})
    shown = render_diff(diff_documents(before, after))
    assert shown.splitlines() == ["- purposes[surveys]: Surveys", "+ purposes[polls]: Surveys"]


def test_a_first_version_is_shown_item_by_item(before: dict[str, Any]) -> None:
    shown = render_diff(diff_documents(None, before)).splitlines()
    assert "+ organisation.name: Hébergis" in shown
    assert "+ purposes[newsletter]: The “From the machine room” newsletter" in shown
    assert all(line.startswith("+ ") for line in shown)


def test_a_list_without_names_is_compared_whole(before: dict[str, Any]) -> None:
    after = copy.deepcopy(before)
    after["organisation"]["languages"] = ["fr"]
    (change,) = diff_documents(before, after)
    assert (change.before, change.after) == (["fr", "en"], ["fr"])


ITEMS = st.dictionaries(
    st.sampled_from("abcd"), st.none() | st.booleans() | st.text(max_size=3), max_size=3
)
NAMED = st.builds(lambda slug, rest: {"slug": slug, **rest}, st.sampled_from("xyz"), ITEMS)
DOCUMENTS = st.dictionaries(
    st.sampled_from(["one", "two"]), ITEMS | st.lists(NAMED, max_size=3), max_size=2
)


@given(before=DOCUMENTS, after=DOCUMENTS)
def test_a_difference_is_never_passed_over(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    changes = diff_documents(before, after)
    assert all(change.before != change.after for change in changes)
    if meaning(before) != meaning(after):
        assert changes


def meaning(value: object) -> object:
    """Say a document without what stands empty in it."""
    if isinstance(value, dict):
        said = {name: meaning(item) for name, item in value.items()}
        return {name: item for name, item in said.items() if item not in (None, {}, [])}
    return [meaning(item) for item in value] if isinstance(value, list) else value
