"""The quick way to canonical bytes gives the bytes of the slow one, or leaves it the work."""

from __future__ import annotations

import enum

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from consent_server.ledger.canonical import NotCanonicalError, canonical_bytes

texts = st.text() | st.text(st.characters(max_codepoint=0x9F))
keys = st.text() | st.text(st.characters(max_codepoint=0x7F))
numbers = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e9, 1e9)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner) | st.dictionaries(keys, inner),
    max_leaves=30,
)


@given(values)
def test_jc_1_both_ways_give_the_same_bytes(value: object) -> None:
    try:
        slow = rfc8785.dumps(value)  # type: ignore[arg-type]
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        with pytest.raises(NotCanonicalError):
            canonical_bytes(value)
    else:
        assert canonical_bytes(value) == slow


class Colour(enum.StrEnum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 2


@pytest.mark.parametrize(
    "value",
    [
        {"\ufb33": 1, "\U0001f600": 2, "é": 3, "z": 4},
        {"nested": [{"é": 1, "e": 2}], "float": 1.0, "tuple": (1, 2)},
        {"colour": Colour.RED, "level": Level.HIGH, Colour.RED: 1},
        "".join(map(chr, range(0x20))) + '"\\/\x7f\x80\u2028\u2029',
    ],
)
def test_jc_1_what_the_quick_way_cannot_write_goes_the_slow_way(value: object) -> None:
    assert canonical_bytes(value) == rfc8785.dumps(value)  # type: ignore[arg-type]
