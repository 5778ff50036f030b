"""A mould gives the bytes that the record itself would have given."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.ledger import Mould
from consent_server.ledger.canonical import NotCanonicalError, canonical_bytes

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = st.text(st.characters(max_codepoint=127), min_size=1, max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
plain = st.from_regex(r"[A-Za-z0-9_.:-]{0,20}", fullmatch=True)


@given(record=st.dictionaries(names, values), holes=st.dictionaries(plain, plain, min_size=1))
def test_a_filled_mould_is_the_canonical_record(
    record: dict[str, object], holes: dict[str, str]
) -> None:
    told = {**record, "kind": "decision"}
    filled = Mould(told, holes).fill(holes)
    assert filled == canonical_bytes({**told, **holes})


@pytest.mark.parametrize("text", ['a"b', "a\\b", "é", "a b", "\n", "\0"])
def test_what_is_not_plain_does_not_fill_a_hole(text: str) -> None:
    with pytest.raises(NotCanonicalError):
        Mould({"kind": "decision"}, ["id"]).fill({"id": text})


@pytest.mark.parametrize("values", [{}, {"id": "1", "more": "2"}, {"other": "1"}])
def test_every_hole_is_filled_and_nothing_else(values: dict[str, str]) -> None:
    with pytest.raises(NotCanonicalError):
        Mould({"kind": "decision"}, ["id"]).fill(values)


def test_a_name_beyond_ascii_has_no_mould() -> None:
    with pytest.raises(NotCanonicalError):
        Mould({"kind": "decision", "é": 1}, ["id"])
