"""Canonical bytes: one value, one text."""

import enum
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.ledger.canonical import NotCanonicalError, canonical_bytes
from tests.ledger.vectors import VECTORS, needs_vectors

INPUTS = sorted((VECTORS / "jcs/input").glob("*.json"))

texts = st.text(st.characters(exclude_categories=["Cs"]))
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False).filter(
        lambda number: not 2.0**53 <= abs(number) < 1e21
    )
    | texts
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@needs_vectors
@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.stem)
def test_jc_1_public_vector(path: Path) -> None:
    outhex = VECTORS / "jcs/outhex" / f"{path.stem}.txt"
    value = json.loads(path.read_text(encoding="utf-8"))
    assert canonical_bytes(value) == bytes.fromhex(outhex.read_text())


@given(value=values)
def test_canonical_bytes_are_a_fixed_point(value: object) -> None:
    once = canonical_bytes(value)
    assert canonical_bytes(json.loads(once)) == once


@given(value=st.dictionaries(texts, scalars))
def test_the_order_of_writing_leaves_no_trace(value: dict[str, object]) -> None:
    assert canonical_bytes(value) == canonical_bytes(dict(reversed(value.items())))


def test_a_float_with_an_exponent_is_kept() -> None:
    assert canonical_bytes([1e21, -1e300, 2.0**52]) == b"[1e+21,-1e+300,4503599627370496]"


def deep() -> object:
    value: object = []
    for _ in range(100_000):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(float("nan"), id="not a number"),
        pytest.param(float("inf"), id="infinite"),
        pytest.param(2**53, id="an integer that JavaScript would round"),
        pytest.param({"n": [2.0**53]}, id="a float written as such an integer"),
        pytest.param("\ud800", id="lone surrogate in a value"),
        pytest.param({"\ud800": 1}, id="lone surrogate in a key"),
        pytest.param({1: 1}, id="a key that is no text"),
        pytest.param(b"bytes", id="bytes"),
        pytest.param(deep(), id="too deep"),
    ],
)
def test_jc_1_what_has_no_one_form_is_refused(value: object) -> None:
    with pytest.raises(NotCanonicalError):
        canonical_bytes(value)


def test_an_enum_of_text_is_its_text() -> None:
    class Kind(enum.StrEnum):
        DECISION = "decision"

    assert canonical_bytes({"kind": Kind.DECISION}) == b'{"kind":"decision"}'
