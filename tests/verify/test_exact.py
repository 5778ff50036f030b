"""JSON read without mercy: one value, one text."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.ledger.canonical import NotCanonicalError, canonical_bytes
from consent_server.verify.exact import MAX_BYTES, canonical, read_exact
from consent_server.verify.verdict import Refused
from tests.ledger.test_canonical import INPUTS, values
from tests.ledger.vectors import VECTORS, needs_vectors


@needs_vectors
@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.stem)
def test_jc_1_public_vector(path: Path) -> None:
    outhex = (VECTORS / "jcs/outhex" / f"{path.stem}.txt").read_text()
    assert canonical(json.loads(path.read_text(encoding="utf-8"))) == bytes.fromhex(outhex)


@given(value=values)
def test_the_server_and_the_verifier_write_the_same_bytes(value: object) -> None:
    assert canonical(value) == canonical_bytes(value)


@given(number=st.floats(allow_nan=False, allow_infinity=False))
def test_they_write_the_same_numbers(number: float) -> None:
    try:
        expected = canonical_bytes([number])
    except NotCanonicalError:
        with pytest.raises(Refused):
            read_exact(canonical([number]))
    else:
        assert canonical([number]) == expected
        assert read_exact(expected) == [number]


@given(value=values)
def test_what_the_server_writes_is_read_back(value: object) -> None:
    assert canonical(read_exact(canonical_bytes(value))) == canonical_bytes(value)


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        pytest.param(b"", "not_json", "file, byte 1", id="empty"),
        pytest.param(b'{"a":1,"a":1}', "duplicate_key", "file", id="duplicate key"),
        pytest.param(b'[{"b":{"a":1,"a":2}}]', "duplicate_key", "file", id="deep duplicate"),
        pytest.param(b"NaN", "not_json", "file", id="not a number"),
        pytest.param(b"[-Infinity]", "not_json", "file", id="infinite"),
        pytest.param(b"1e999", "not_canonical", "file", id="infinite in disguise"),
        pytest.param(b"9007199254740992", "not_canonical", "file", id="beyond 2^53"),
        pytest.param(b"9" * 100_000, "not_canonical", "file", id="a very long integer"),
        pytest.param(b'"\\ud800"', "not_canonical", "file", id="lone surrogate"),
        pytest.param(b'{"\\ud800":1}', "not_canonical", "file", id="lone surrogate in a key"),
        pytest.param(b'{"a":1, "b":2}', "not_exact", "file, byte 8", id="space"),
        pytest.param(b'{"b":1,"a":2}', "not_exact", "file, byte 3", id="order"),
        pytest.param(b'"\\u00e9"', "not_exact", "file, byte 2", id="escaped"),
        pytest.param(b"1.0", "not_exact", "file, byte 2", id="trailing zero"),
        pytest.param(b"-0", "not_exact", "file, byte 1", id="minus zero"),
        pytest.param(b"1 ", "not_exact", "file, byte 2", id="after the end"),
        pytest.param(b"\xef\xbb\xbf1", "not_json", "file, byte 1", id="byte order mark"),
        pytest.param(b'"\xff"', "not_utf8", "file, byte 2", id="not UTF-8"),
        pytest.param('"é" x'.encode(), "not_json", "file, byte 6", id="bytes, not letters"),
        pytest.param(b"[" * 40 + b"]" * 40, "not_canonical", "file", id="deep"),
        pytest.param(b"[" * 200_000, "not_canonical", "file", id="very deep"),
        pytest.param(b'"' + b"a" * MAX_BYTES + b'"', "too_big", "file", id="too big"),
    ],
)
def test_anything_but_the_exact_form_is_refused_and_placed(
    text: bytes, code: str, place: str
) -> None:
    with pytest.raises(Refused) as refused:
        read_exact(text)
    assert (refused.value.code, refused.value.place.say("en")) == (code, place)


@pytest.mark.parametrize("value", [{1: 2}, b"bytes", float("nan")])
def test_what_has_no_form_is_not_written(value: object) -> None:
    with pytest.raises(ValueError, match=r"key|form|number"):
        canonical(value)
