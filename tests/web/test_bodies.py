"""Fields are as strict as the document says, and every fault is named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import marshmallow
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server import web
from consent_server.ids import public
from consent_server.problems import Unprocessable
from consent_server.web import fields
from consent_server.web.schema import load
from tests.web.example import ADDRESS, Asked

if TYPE_CHECKING:
    from flask.testing import FlaskClient

GOOD: dict[str, Any] = {"subject": {"email": "a@b.example"}, "purpose": "news.weekly"}


def _faults(body: dict[str, Any]) -> list[str]:
    with pytest.raises(Unprocessable) as caught:
        load(Asked(), body)
    return [fault.pointer for fault in caught.value.errors]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("explain", "true"),
        ("explain", 1),
        ("explain", 0),
        ("explain", "yes"),
        ("explain", None),
        ("count", True),
        ("count", "1"),
        ("count", 1.5),
        ("count", []),
        ("count", 0),
        ("count", 11),
        ("count", 1e300),
        ("purpose", 7),
        ("purpose", True),
        ("purpose", ["news"]),
        ("purpose", {"a": 1}),
        ("purpose", None),
        ("purpose", "News"),
        ("purpose", "news\n"),
        ("purpose", ""),
        ("purpose", "a" * 101),
        ("purpose", "..news"),
        ("channel", "fax"),
        ("channel", ["email"]),
        ("channel", True),
        ("at", "yesterday"),
        ("at", 1_700_000_000),
        ("at", "2026-11-22T10:41:00"),
        ("at", "2026-13-40T10:41:00Z"),
        ("at", "2026-11-22"),
        ("version", "ntv_short"),
        ("version", public("dec", 5)),
        ("version", 5),
        ("version", "ntv_8000000000000"),
        ("choices", []),
        ("choices", "granted"),
        ("choices", {f"p{n}": "granted" for n in range(4)}),
        ("names", {"a": 1}),
        ("names", "ab"),
        ("names", ["a", "b", "c"]),
        ("subject", []),
        ("subject", "a@b.example"),
    ],
)
def test_a_value_of_another_type_or_form_is_refused_by_name(field: str, value: object) -> None:
    assert _faults({**GOOD, field: value}) == [f"/{field}"]


def test_faults_inside_are_named_where_they_are() -> None:
    body = {
        "subject": {"email": "x", "role": "admin"},
        "purpose": "news",
        "choices": {"news": "maybe", "BAD": "granted"},
        "names": ["fine", "too long"],
    }

    assert sorted(_faults(body)) == [
        "/choices/BAD",
        "/choices/news",
        "/names/1",
        "/subject/email",
        "/subject/role",
    ]


@pytest.mark.parametrize(
    "name", ["id", "organisation_id", "tenant_id", "recorded_at", "verified", "role", "x"]
)
def test_unknown_fields_are_refused_by_name(name: str) -> None:
    assert _faults({**GOOD, name: 1}) == [f"/{name}"]


def test_missing_fields_are_named() -> None:
    assert sorted(_faults({})) == ["/purpose", "/subject"]


def test_a_name_that_is_an_address_does_not_come_back(visit: FlaskClient) -> None:
    answer = visit.post("/v1/permissions", json={**GOOD, ADDRESS: True, "channel": ADDRESS})

    assert answer.status_code == 422
    assert ADDRESS not in answer.text


def test_good_values_load_as_what_they_mean() -> None:
    loaded = load(
        Asked(),
        {
            **GOOD,
            "at": "2026-11-22T11:41:00.5+01:00",
            "count": 3.0,
            "explain": False,
            "version": public("ntv", 12345),
            "choices": {"news": "granted"},
            "names": ["a"],
        },
    )

    assert loaded["at"].isoformat() == "2026-11-22T10:41:00.500000+00:00"
    assert (loaded["count"], type(loaded["count"])) == (3, int)
    assert loaded["version"] == 12345
    assert loaded["channel"] == "email"
    assert loaded["choices"] == {"news": "granted"}


def test_u_0000_never_reaches_a_room() -> None:
    assert _faults({**GOOD, "subject": {"visitor": "a\x00b"}}) == ["/subject/visitor"]


class _Plain(marshmallow.Schema):
    """The same fields, read only by the library."""

    class Meta:
        unknown = marshmallow.RAISE

    a = fields.Integer(required=True)
    b = fields.Choice(["x", "y"], load_default="x")
    c = fields.Text(data_key="see")


class _Ours(web.Schema):
    a = fields.Integer(required=True)
    b = fields.Choice(["x", "y"], load_default="x")
    c = fields.Text(data_key="see")


_some = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just(["x"])


@given(st.dictionaries(st.sampled_from(["a", "b", "c", "see", "z"]), _some))
def test_the_quick_way_and_the_librarys_way_agree(body: dict[str, Any]) -> None:
    def read(schema: marshmallow.Schema) -> object:
        try:
            return schema.load(body)
        except marshmallow.ValidationError as error:
            return error.messages

    assert read(_Ours()) == read(_Plain())


@pytest.mark.parametrize(
    ("query", "status", "because"),
    [
        ("", 200, "0"),
        ("after=12&wait=true", 200, "12"),
        ("wait=false", 200, "0"),
        ("after=-1", 422, ""),
        ("after=x", 422, ""),
        ("after=1.0", 422, ""),
        ("wait=1", 422, ""),
        ("after=1&after=2", 422, ""),
        ("other=1", 422, ""),
        ("channel=email", 200, "0"),
        ("channel=", 422, ""),
        ("after=99999999999999999999", 422, ""),
        ("after=%D9%A3", 422, ""),
    ],
)
def test_queries_are_read_as_strictly(
    visit: FlaskClient, query: str, status: int, because: str
) -> None:
    answer = visit.get(f"/v1/events?{query}")

    assert answer.status_code == status
    assert answer.json is not None
    assert status == 422 or answer.json["because"] == because


@pytest.mark.parametrize("path", ["/v1/permissions", "/v1/sites/site_0000000000001/decisions"])
def test_a_body_over_the_limit_is_refused_before_it_is_read(
    visit: FlaskClient, path: str
) -> None:
    body = json.dumps({**GOOD, "purpose": "x" * 70_000})
    answer = visit.post(path, data=body, content_type="application/json")

    assert answer.status_code == 413
    assert answer.json is not None
    assert answer.json["code"] == "too_large"


def test_a_room_may_set_a_lower_limit(visit: FlaskClient) -> None:
    body = json.dumps({**GOOD, "purpose": "x" * 3_000})
    path = "/v1/sites/site_0000000000001/decisions"

    assert visit.post(path, data=body, content_type="application/json").status_code == 413
    answer = visit.post("/v1/permissions", data=body, content_type="application/json")
    assert answer.status_code == 422
