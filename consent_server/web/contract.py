"""The OpenAPI document: 3.1, made from the same schemas that read the bodies."""

from __future__ import annotations

from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, cast

import flask_smorest
import marshmallow
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls

from . import fields
from .schema import Schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

PROBLEM: Final = "application/problem+json"

BODY_REFUSALS: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)
KEY_REFUSALS: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
)
# Whatever the route: too many questions, or a database that cannot answer now.
EVERYWHERE: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})

IDEMPOTENCY_KEY: Final[Mapping[str, Any]] = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "A name for this request, kept 30 days: a retry is answered, not repeated.",
    "schema": {"type": "string", "pattern": '^("[!#-\\[\\]-~]{1,255}"|[!#-~]{1,255})$'},
}
_IF_MATCH: Final[Mapping[str, Any]] = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "description": "The ETag of what is changed, as it was read.",
    "schema": {"type": "string"},
}

_WITH_HEADERS: Final[Mapping[int, Mapping[str, str]]] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "How to send the key."},
    HTTPStatus.METHOD_NOT_ALLOWED: {"Allow": "The methods this address knows."},
    HTTPStatus.TOO_MANY_REQUESTS: {
        "Retry-After": "Seconds to wait.",
        "RateLimit-Policy": "The quota and its window.",
        "RateLimit": "What is left of it.",
    },
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": "Seconds to wait."},
}


class FaultShown(Schema):
    """One field that is wrong."""

    pointer = fields.Text(
        required=True, metadata={"description": "A JSON pointer to the field (RFC 6901)."}
    )
    detail = fields.Text(required=True, metadata={"description": "What would be right."})


class ProblemShown(Schema):
    """A refusal (RFC 9457); some kinds carry more than these members."""

    class Meta:
        """Open: a kind of problem may add what helps to mend it."""

        unknown = marshmallow.INCLUDE

    type = fields.Text(required=True, metadata={"format": "uri-reference"})
    title = fields.Text(required=True)
    status = fields.Integer(required=True, least=400, most=599)
    code = fields.Slug(required=True, metadata={"description": "The refusal's name."})
    detail = fields.Text()
    errors = fields.Items(fields.Part(FaultShown))
    trace_id = fields.Text(metadata={"description": "Names a fault of ours in our logs."})


class Contract(flask_smorest.Api):  # type: ignore[misc] # it publishes no types
    """The API's document; errors are answered by `web.errors`, not by the library."""

    ERROR_SCHEMA = ProblemShown
    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self) -> None:
        super().__init__()
        # Registered, and not yet described.
        self._waiting: list[Any] = []
        self._lock = Lock()

    def register_blueprint(self, blp: Any, **options: Any) -> None:
        """Register a room's routes; they are described once somebody asks for the document.

        To describe them all takes longer than everything else at the start.
        """
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blp.name] = self
        self._app.register_blueprint(blp, **options)
        self._waiting.append(blp)

    def whole_document(self) -> dict[str, Any]:
        """Give the document, with every route described."""
        with self._lock:
            if self._waiting:
                self._describe_problems()
            for blp in self._waiting:
                blp.register_views_in_doc(
                    self, self._app, self.spec, name=blp.name, parameters=None
                )
                self.spec.tag({"name": blp.name, "description": blp.description})
            self._waiting.clear()
            document: dict[str, Any] = self.spec.to_dict()
        return document

    def _register_error_handlers(self) -> None:
        """Register none: they would answer in another shape and drop `Allow` on 405."""

    def _register_responses(self) -> None:
        """Register none: our problems take their place, once the document is asked for."""

    def _describe_problems(self) -> None:
        self.ma_plugin.converter.add_attribute_function(fields.documented)
        for status in HTTPStatus:
            if status >= HTTPStatus.BAD_REQUEST:
                self.spec.components.response(_name(status), _problem(status), lazy=True)

    def _register_pagination_header(self) -> None:
        """Register none: pages are cursors in the body (standards.md, API-5)."""


class _Names:
    """Names each shape by its class; two rooms' shapes of one name by their room too."""

    def __init__(self) -> None:
        self._taken: dict[str, type[marshmallow.Schema]] = {}

    def __call__(self, schema: Any) -> str:
        shape = cast("type[marshmallow.Schema]", resolve_schema_cls(schema))
        name = shape.__name__
        if self._taken.setdefault(name, shape) is shape:
            return name
        return f"{shape.__module__.split('.')[1].title()}{name}"


def prepare(app: Flask, api: Any) -> None:
    """Make the document of this application; before any room is registered."""
    app.config.update(API_TITLE="Consent Server", API_VERSION="v1", OPENAPI_VERSION="3.1.0")
    api.init_app(
        app,
        spec_kwargs={
            "info": {"description": _ABOUT, "license": _LICENCE},
            "marshmallow_plugin": MarshmallowPlugin(schema_name_resolver=_Names()),
        },
    )
    api.spec.components.security_scheme(
        "key",
        {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key of your organisation, `cs_live_…` or `cs_test_…`.",
        },
    )


def answer(
    status: HTTPStatus, schema: type[Schema] | None, description: str, media: str
) -> dict[str, Any]:
    """Describe one answer as smorest keeps it until the document is made."""
    document: dict[str, Any] = {
        "description": description or status.phrase,
        "content_type": media,
    }
    if schema is not None:
        document["schema"] = schema()
    elif media.endswith("+json"):
        document["schema"] = {"type": "object"}
    elif media != "application/json":
        document["schema"] = {"type": "string"}
    return document


def document_refusals(
    operation: dict[str, Any], notes: dict[str, Any], **_more: object
) -> dict[str, Any]:
    """Add the headers an operation reads and the problems it may answer."""
    statuses = {*EVERYWHERE, *notes.get("refuses", ())}
    headers = list(notes.get("headers", ()))
    if HTTPStatus.PRECONDITION_REQUIRED in statuses:
        headers.append(_IF_MATCH)
    if headers:
        operation.setdefault("parameters", []).extend(map(dict, headers))
    responses = operation.setdefault("responses", {})
    for status in sorted(statuses):
        # A name alone: apispec puts the component in the document and refers to it.
        responses[str(int(status))] = _name(status)
    return operation


def _name(status: int) -> str:
    return f"Problem{int(status)}"


def _problem(status: HTTPStatus) -> dict[str, Any]:
    document: dict[str, Any] = {
        "description": status.phrase,
        "content": {PROBLEM: {"schema": ProblemShown}},
    }
    headers = _WITH_HEADERS.get(status)
    if headers:
        document["headers"] = {
            name: {"description": meaning, "schema": {"type": "string"}}
            for name, meaning in headers.items()
        }
    return document


_ABOUT: Final = (
    "Records what people agreed to, in the words they were shown, and can prove it.\n\n"
    "Bodies are JSON objects in UTF-8. Every refusal is an `application/problem+json`"
    " document (RFC 9457) with a `code` and, where a field is wrong, `errors` with JSON"
    " pointers. Times are RFC 3339 in UTC; ids are opaque. An address with another method"
    " than those described answers 405 and names them in `Allow`."
)
_LICENCE: Final = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
