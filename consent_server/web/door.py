"""A room's door to HTTP: what it takes, what it answers, what it refuses; and the contract.

The decorators do at run time only what the journey needs: a strict read, a schema load, a
JSON answer. What they know they also write into the OpenAPI document, so that the two
cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, TypeVar

import flask
import flask_smorest
from flask import Response, current_app, request

from . import contract, cors
from .query import read_query
from .read import read_object
from .schema import Schema, load

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

View = TypeVar("View", bound=Callable[..., Any])
Origins = Callable[..., Collection[str]]


class Door(flask_smorest.Blueprint):  # type: ignore[misc] # it publishes no types
    """The routes of one room; documented by the same words that make them work."""

    def __init__(
        self, name: str, import_name: str, *, description: str = "", **options: Any
    ) -> None:
        options.setdefault("template_folder", "templates")
        super().__init__(name, import_name, description=description, **options)
        self._prepare_doc_cbks.append(contract.document_refusals)

    def get(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Answer GET, and HEAD with it."""
        return self._at("GET", rule, options)

    def post(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Answer POST."""
        return self._at("POST", rule, options)

    def put(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Answer PUT."""
        return self._at("PUT", rule, options)

    def patch(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Answer PATCH."""
        return self._at("PATCH", rule, options)

    def delete(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Answer DELETE."""
        return self._at("DELETE", rule, options)

    def page(self, rule: str, methods: Collection[str] = ("GET",)) -> Callable[[View], View]:
        """Answer with a page for people, which is no part of the API's document."""

        def decorate(view: View) -> View:
            flask.Blueprint.add_url_rule(self, rule, view.__name__, view, methods=list(methods))
            return view

        return decorate

    def _at(self, method: str, rule: str, options: dict[str, Any]) -> Callable[[View], View]:
        decorate: Callable[[View], View] = self.route(rule, methods=[method], **options)
        return decorate

    def takes(
        self, schema: type[Schema], *, most_bytes: int | None = None, or_lines: str = ""
    ) -> Callable[[View], View]:
        """Read the body strictly and by its schema; the view gets it as its first argument.

        `or_lines`: a body of this other form is the view's to read; it gets an empty one.
        """
        reader = schema()

        def decorate(view: View) -> View:
            @wraps(view)
            def reading(*arguments: Any, **named: Any) -> Any:
                if or_lines and request.mimetype == or_lines:
                    return view({}, *arguments, **named)
                body = load(reader, read_object(request, most_bytes))
                return view(body, *arguments, **named)

            notes = _notes(reading)
            notes.setdefault("arguments", {}).setdefault("parameters", []).append(
                {"in": "json", "required": True, "schema": reader}
            )
            if or_lines:
                lines = {or_lines: {"schema": {"type": "string", "format": "binary"}}}
                notes["manual_doc"] = {
                    **notes.get("manual_doc", {}),
                    "requestBody": {"content": lines},
                }
            notes.setdefault("refuses", set()).update(contract.BODY_REFUSALS)
            return reading  # type: ignore[return-value] # same call, one argument bound

        return decorate

    def takes_lines(self, *media: str) -> Callable[[View], View]:
        """Document a body of any length in one of these forms, which the view reads itself."""
        content = {each: {"schema": {"type": "string", "format": "binary"}} for each in media}

        def decorate(view: View) -> View:
            notes = _notes(view)
            body = {"requestBody": {"required": True, "content": content}}
            notes["manual_doc"] = {**notes.get("manual_doc", {}), **body}
            notes.setdefault("refuses", set()).update(contract.BODY_REFUSALS)
            return view

        return decorate

    def takes_query(self, schema: type[Schema]) -> Callable[[View], View]:
        """Read the query string by its schema; the view gets it as its first argument."""
        reader = schema()

        def decorate(view: View) -> View:
            @wraps(view)
            def reading(*arguments: Any, **named: Any) -> Any:
                asked = load(reader, read_query(reader, request.args))
                return view(asked, *arguments, **named)

            notes = _notes(reading)
            notes.setdefault("arguments", {}).setdefault("parameters", []).append(
                {"in": "query", "schema": reader}
            )
            notes.setdefault("refuses", set()).add(HTTPStatus.UNPROCESSABLE_ENTITY)
            return reading  # type: ignore[return-value] # same call, one argument bound

        return decorate

    def answers(
        self,
        status: HTTPStatus,
        schema: type[Schema] | None = None,
        *,
        description: str = "",
        media: str = "application/json",
    ) -> Callable[[View], View]:
        """Encode the view's plain dict as JSON with this status, and document it.

        The view may return `dict`, `(dict, headers)`, `(dict, status, headers)`, or a
        response of its own; nothing is dumped through the schema at run time.
        """
        document = contract.answer(status, schema, description, media)

        def decorate(view: View) -> View:
            @wraps(view)
            def answering(*arguments: Any, **named: Any) -> ResponseReturnValue:
                return encode(view(*arguments, **named), status)

            responses = _notes(answering).setdefault("response", {}).setdefault("responses", {})
            responses.setdefault(status, []).append(document)
            return answering  # type: ignore[return-value] # the same call, encoded

        return decorate

    def refuses(self, *statuses: int) -> Callable[[View], View]:
        """Document the problems this view answers beside those that every view may."""

        def decorate(view: View) -> View:
            _notes(view).setdefault("refuses", set()).update(statuses)
            return view

        return decorate

    def reads(self, *media: str) -> Callable[[View], View]:
        """Document that the view reads the body itself, in one of these forms, not JSON."""
        content = {each: {"schema": {"type": "string", "format": "binary"}} for each in media}

        def decorate(view: View) -> View:
            notes = _notes(view)
            body = {"requestBody": {"required": True, "content": content}}
            notes["manual_doc"] = {**notes.get("manual_doc", {}), **body}
            return view

        return decorate

    def repeatable(self, view: View) -> View:
        """Document that the view takes an `Idempotency-Key`; `idempotency.answered` does it."""
        _notes(view).setdefault("headers", []).append(contract.IDEMPOTENCY_KEY)
        return view

    def open_to(self, origins_of: Origins) -> Callable[[View], View]:
        """Let pages of exactly these origins call and read; also answers the preflight.

        `origins_of` gets the address's variables. A write from a page of any other origin
        is refused before the body is read.
        """

        def decorate(view: View) -> View:
            @wraps(view)
            def opened(*arguments: Any, **named: Any) -> Any:
                if request.method == "OPTIONS":
                    return cors.preflight(origins_of(**named))
                cors.admit(origins_of(**named))
                return view(*arguments, **named)

            # Flask reads both: the preflight is ours to answer, not its own OPTIONS.
            opened.provide_automatic_options = False  # type: ignore[attr-defined]
            opened.required_methods = {"OPTIONS"}  # type: ignore[attr-defined]
            _notes(opened).setdefault("refuses", set()).update(
                {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
            )
            return opened  # type: ignore[return-value] # the same call

        return decorate


_JSON: Final = "application/json"


def encode(answer: Any, status: int) -> Response:
    """Make the response for what a view returned."""
    headers: Mapping[str, str] | None = None
    if isinstance(answer, tuple):
        answer, *rest = answer
        headers = rest[-1]
        if len(rest) > 1:
            status = rest[0]
    if isinstance(answer, Response):
        return answer
    response = current_app.response_class(
        current_app.json.dumps(answer), status=status, mimetype=_JSON
    )
    if headers:
        response.headers.update(headers)
    return response


def secured(view: View, scope: str) -> View:
    """Note in the document that the view needs a key with this scope; gives the view.

    An empty scope: any key will do.
    """
    notes = _notes(view)
    scopes = [scope] if scope else []
    notes["manual_doc"] = {**notes.get("manual_doc", {}), "security": [{"key": scopes}]}
    notes.setdefault("refuses", set()).update(contract.KEY_REFUSALS)
    return view


def _notes(view: Callable[..., Any]) -> dict[str, Any]:
    # `wraps` shares the notes of the function within; each layer must own its notes.
    notes: dict[str, Any] = deepcopy(getattr(view, "_apidoc", {}))
    view._apidoc = notes  # type: ignore[attr-defined] # smorest reads it
    return notes
