"""Bodies that a plain parser chokes on or takes silently (security.md §1, fact 3)."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.problems import UnreadableBody
from consent_server.web.strict_json import DEPTH, LARGEST, parse

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

GOOD = '{"subject":{"email":"a@b.example"},"purpose":"news"}'

# The first seven end in a 500 of a plain view; the last seven it takes without a word.
REFUSED_AS_UNREADABLE = {
    "a lone surrogate": b'{"purpose":"\\ud800"}',
    "an integer beyond 64 bits": b'{"count":18446744073709551616}',
    "an array 100,000 deep": b"[" * 60_000 + b"]" * 5_000,
    "an object 5,000 deep": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "an array for a body": b"[]",
    "null for a body": b"null",
    "NaN": b'{"count":NaN}',
    "Infinity": b'{"count":-Infinity}',
    "duplicate keys": b'{"consent":false,"consent":true}',
    "UTF-16": GOOD.encode("utf-16"),
    "U+0000 in a text": b'{"purpose":"a\\u0000b"}',
}


def _send(visit: FlaskClient, body: bytes, **headers: str) -> TestResponse:
    sent = {"Content-Type": "application/json", **headers}
    return visit.post("/v1/permissions", data=body, headers=sent)


@pytest.mark.parametrize("name", REFUSED_AS_UNREADABLE)
def test_hostile_bodies_are_refused_as_unreadable(visit: FlaskClient, name: str) -> None:
    answer = _send(visit, REFUSED_AS_UNREADABLE[name])

    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["code"] == "unreadable_body"


def test_an_object_where_a_text_is_meant_names_the_field(visit: FlaskClient) -> None:
    answer = _send(visit, b'{"subject":{"email":{}},"purpose":"news"}')

    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"] == [
        {"pointer": "/subject/email", "detail": "Not a valid string."}
    ]


def test_json_patch_is_not_json(visit: FlaskClient) -> None:
    answer = _send(visit, GOOD.encode(), **{"Content-Type": "application/json-patch+json"})

    assert answer.status_code == 415
    assert answer.headers["Accept-Post"] == "application/json"


def test_a_body_that_claims_gzip_is_refused(visit: FlaskClient) -> None:
    answer = _send(visit, GOOD.encode(), **{"Content-Encoding": "gzip"})

    assert answer.status_code == 415


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"]
)
def test_simple_requests_that_skip_the_preflight_are_refused(
    visit: FlaskClient, media: str
) -> None:
    assert _send(visit, GOOD.encode(), **{"Content-Type": media}).status_code == 415


@pytest.mark.parametrize(
    ("media", "status"),
    [
        ("application/json; charset=utf-8", 200),
        ("application/json; charset=UTF-8", 200),
        ("Application/JSON", 200),
        ("application/json; charset=iso-8859-1", 400),
    ],
)
def test_only_utf_8_may_be_claimed(visit: FlaskClient, media: str, status: int) -> None:
    assert _send(visit, GOOD.encode(), **{"Content-Type": media}).status_code == status


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"a":1}x', b"\xef\xbb\xbf{}", b'{"a":"\xff"}', b'{"a":1e400}', b'{"a":01}',
     b"{'a':1}", b'{"a":1,}', b'"text"', b"true", b'{"a":"\n"}', b'{"a":"\\ud83d"}',
     b'{"\\u0000":1}', b'{"a":[{"b":"\\udc00x"}]}', b'{"a":9007199254740992}',
     b'{"a":-9007199254740992}', b'{"a":' + b"9" * 5_000 + b"}"],
)  # fmt: skip
def test_other_doubtful_bodies_are_refused(body: bytes) -> None:
    with pytest.raises(UnreadableBody):
        parse(body)


def test_good_bodies_are_read_as_they_are() -> None:
    text = '{"é":"\\u00e9\\ud83d\\ude00\\\\u0000","n":[-1,1.5,9007199254740991,true,null]}'

    assert parse(text.encode()) == json.loads(text)


def test_thirty_two_levels_are_read_and_one_more_is_not() -> None:
    def nested(levels: int) -> bytes:
        return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"

    assert parse(nested(DEPTH))
    with pytest.raises(UnreadableBody, match="deeper"):
        parse(nested(DEPTH + 1))


def test_brackets_inside_texts_are_not_levels() -> None:
    text = '{"a":"' + "[{" * 100 + '\\"' + "[" * 100 + '"}'

    assert parse(text.encode()) == json.loads(text)


@pytest.mark.parametrize("unit", ['"', '\\"', '"\\', "[", '["', '{"a":', "]["])
def test_no_body_takes_long_to_refuse(unit: str) -> None:
    body = (unit * 70_000)[:65_536].encode()
    # Of the processor: whoever else works here takes no part in it.
    begun = time.thread_time()
    with pytest.raises(UnreadableBody):
        parse(body)
    assert time.thread_time() - begun < 0.5


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-LARGEST, LARGEST)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), inner
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abc"), _values), st.booleans())
def test_whatever_json_can_say_is_read_back(value: dict[str, object], ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)

    assert parse(text.encode()) == json.loads(text)


@given(st.binary(max_size=200))
def test_no_bytes_end_in_anything_but_an_object_or_a_refusal(raw: bytes) -> None:
    with suppress(UnreadableBody):
        assert isinstance(parse(raw), dict)
