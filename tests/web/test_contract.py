"""The document says what the code does."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import marshmallow
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server import web
from consent_server.web.strict_json import LARGEST
from tests.web import example
from tests.web.example import Asked

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient


@pytest.fixture
def document(visit: FlaskClient) -> dict[str, Any]:
    """Give the document as tools read it."""
    found: dict[str, Any] = visit.get("/v1/openapi.json").get_json()
    return found


def test_it_is_openapi_3_1_and_can_be_cached(visit: FlaskClient) -> None:
    answer = visit.get("/v1/openapi.json")
    again = visit.get("/v1/openapi.json", headers={"If-None-Match": answer.headers["ETag"]})

    assert answer.get_json()["openapi"] == "3.1.0"
    assert answer.mimetype == "application/json"
    assert again.status_code == 304


def test_every_operation_names_the_refusals_it_may_answer(document: dict[str, Any]) -> None:
    paths = document["paths"]

    assert set(paths) == {"/v1/permissions", "/v1/sites/{site}/decisions", "/v1/events"}
    ask = paths["/v1/permissions"]["post"]["responses"]
    assert set(ask) == {"200", "400", "404", "413", "415", "422", "428", "429", "503"}
    decide = paths["/v1/sites/{site}/decisions"]["post"]["responses"]
    assert set(decide) == {"201", "400", "403", "404", "413", "415", "422", "429", "503"}
    assert set(paths["/v1/events"]["get"]["responses"]) == {"200", "422", "429", "503"}
    problem = document["components"]["responses"]["Problem429"]
    assert set(problem["content"]) == {"application/problem+json"}
    assert "Retry-After" in problem["headers"]


def test_headers_that_matter_are_named(document: dict[str, Any]) -> None:
    told = document["paths"]["/v1/permissions"]["post"]["parameters"]

    assert [(each["name"], each["required"]) for each in told] == [
        ("Idempotency-Key", False),
        ("If-Match", True),
    ]


def test_people_s_pages_are_not_in_it(document: dict[str, Any]) -> None:
    assert not [path for path in document["paths"] if not path.startswith("/v1/")]


def test_two_rooms_may_call_a_shape_by_the_same_name(tmp_path: Path) -> None:
    app = example.make(tmp_path)
    api = app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
    other = web.Door("other", __name__)
    asked = type("Asked", (web.Schema,), {"__module__": "consent_server.other.schemas"})

    @other.get("/v1/other")
    @other.answers(HTTPStatus.OK, asked)
    def view() -> dict[str, str]:
        """Answer."""
        return {}

    api.register_blueprint(other)
    document = app.test_client().get("/v1/openapi.json").get_json()

    assert {"Asked", "OtherAsked"} <= set(document["components"]["schemas"])


def test_api_1_refusals_have_the_shape_it_says(
    visit: FlaskClient, document: dict[str, Any]
) -> None:
    schema = {
        "$ref": "#/components/schemas/ProblemShown",
        "components": document["components"],
    }
    validator = jsonschema_rs.Draft202012Validator(schema)
    for answer in (
        visit.get("/v1/nothing"),
        visit.get("/v1/permissions"),
        visit.post("/v1/permissions", json=[]),
        visit.post("/v1/permissions", json={"x": 1}),
    ):
        validator.validate(answer.get_json())


_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
_words = st.sampled_from(
    ["news", "news.weekly", "a@b", "email", "granted", "2026-11-22T10:41:00Z", "x\x00",
     "2026-11-22t10:41:00.123+02:00", "ntv_0000000000005", "ntv_9000000000005", "é", "a\n"]
)  # fmt: skip
_whole = st.integers(-3, 12) | st.sampled_from([LARGEST, -LARGEST, 3.0, 2.5])
_any = st.none() | st.booleans() | _whole | _texts | _words | st.lists(_words, max_size=3)
_bodies = st.fixed_dictionaries(
    {"subject": st.fixed_dictionaries({}, optional={"email": _any, "visitor": _any}) | _any,
     "purpose": _words | _any},
    optional={
        "channel": _any, "at": _words | _any, "count": _whole | _any, "explain": _any,
        "version": _words | _any, "choices": st.dictionaries(_words, _words | _any) | _any,
        "names": st.lists(_texts) | _any, "other": _any,
    },
)  # fmt: skip


@given(body=_bodies)
def test_what_the_document_allows_the_code_takes_and_nothing_else(
    contract_validator: jsonschema_rs.Draft202012Validator, body: dict[str, Any]
) -> None:
    try:
        Asked().load(body)
        taken = True
    except marshmallow.ValidationError:
        taken = False

    assert taken == contract_validator.is_valid(body)


@pytest.fixture(scope="module")
def contract_validator(
    tmp_path_factory: pytest.TempPathFactory,
) -> jsonschema_rs.Draft202012Validator:
    """Give the document's own judgement of a question."""
    visit = example.make(tmp_path_factory.mktemp("contract")).test_client()
    document = visit.get("/v1/openapi.json").get_json()
    return jsonschema_rs.Draft202012Validator(
        {"$ref": "#/components/schemas/Asked", "components": document["components"]}
    )
