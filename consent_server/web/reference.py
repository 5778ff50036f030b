"""The API's document, turned into what a page can show: groups, operations, tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .fields import NO_NUL

Document = Mapping[str, Any]

_METHODS: Final = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Row:
    """One line of a table: a field, a parameter or an answer."""

    name: str
    kind: str
    text: str
    required: bool = False
    link: str = ""


@dataclass(frozen=True)
class Operation:
    """One method at one address."""

    anchor: str
    method: str
    path: str
    summary: str
    text: str
    scopes: tuple[str, ...]
    parameters: tuple[Row, ...]
    body: Row | None
    answers: tuple[Row, ...]


@dataclass(frozen=True)
class Shape:
    """One named schema."""

    anchor: str
    name: str
    text: str
    rows: tuple[Row, ...]


class Reference:
    """The whole document for a reader."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.title: str = document["info"]["title"]
        self.about = document["info"].get("description", "").split("\n\n")
        groups = [
            (tag["name"], tag.get("description", ""), list(self._operations(tag["name"])))
            for tag in document.get("tags", ())
        ]
        # A room that has only pages has nothing to show here.
        self.groups = [group for group in groups if group[2]]
        schemas = document.get("components", {}).get("schemas", {})
        self.shapes = [self._shape(name, schemas[name]) for name in sorted(schemas)]

    def _operations(self, tag: str) -> Iterator[Operation]:
        for path, item in self._document["paths"].items():
            for method in _METHODS:
                operation = item.get(method)
                if operation is not None and tag in operation.get("tags", ()):
                    yield self._operation(path, method, item, operation)

    def _operation(
        self, path: str, method: str, item: Document, operation: Document
    ) -> Operation:
        body = operation.get("requestBody")
        parameters = [*item.get("parameters", ()), *operation.get("parameters", ())]
        return Operation(
            anchor=f"{method}{path}".replace("/", "-").replace("{", "").replace("}", ""),
            method=method.upper(),
            path=path,
            summary=operation.get("summary", ""),
            text=operation.get("description", ""),
            scopes=tuple(
                scope for needed in operation.get("security", ()) for scope in needed["key"]
            ),
            parameters=tuple(map(_parameter, parameters)),
            body=None if body is None else _content("", body),
            answers=tuple(
                _content(status, self._resolved(answer))
                for status, answer in sorted(operation["responses"].items())
            ),
        )

    def _resolved(self, answer: Document) -> Document:
        name = answer.get("$ref", "").rpartition("/")[2]
        found: Document = self._document["components"]["responses"][name] if name else answer
        return found

    def _shape(self, name: str, schema: Document) -> Shape:
        required = schema.get("required", ())
        rows = tuple(
            Row(
                field,
                _kind(each),
                _meaning(each),
                required=field in required,
                link=_link(each),
            )
            for field, each in schema.get("properties", {}).items()
        )
        return Shape(f"shape-{name}", name, schema.get("description", ""), rows)


def _parameter(parameter: Document) -> Row:
    schema = parameter.get("schema", {})
    return Row(
        parameter["name"],
        f"{parameter['in']}, {_kind(schema)}",
        parameter.get("description", "") or _meaning(schema),
        required=bool(parameter.get("required")),
    )


def _content(status: str, answer: Document) -> Row:
    content: dict[str, Document] = answer.get("content", {})
    media = ", ".join(content)
    schema: Document = next((each.get("schema", {}) for each in content.values()), {})
    return Row(str(status), media, answer.get("description", ""), link=_link(schema))


def _link(schema: Document) -> str:
    inside = (schema, schema.get("items", {}), schema.get("additionalProperties") or {})
    for inner in (*inside, *schema.get("anyOf", ())):
        if isinstance(inner, Mapping) and "$ref" in inner:
            return str(inner["$ref"]).rpartition("/")[2]
    return ""


def _kind(schema: Document) -> str:
    if "anyOf" in schema:
        return " or ".join(map(_kind, schema["anyOf"]))
    if "$ref" in schema:
        return "object"
    named = schema.get("type") or "any value"
    names = [named] if isinstance(named, str) else list(named)
    words = [_plain_kind({**schema, "type": name}) for name in names if name != "null"]
    return " or ".join([*words, "null"] if "null" in names else words)


def _plain_kind(schema: Document) -> str:
    if "enum" in schema:
        told = (word for word in schema["enum"] if word is not None)
        return "one of " + ", ".join(f"“{word}”" for word in told)
    if schema["type"] == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("format") or schema["type"])


def _meaning(schema: Document) -> str:
    limits = [
        words.format(schema[key])
        for key, words in _LIMITS.items()
        if key in schema
        and schema[key] not in _UNTOLD
        # A format's name says more to a reader than its pattern.
        and not (key == "pattern" and "format" in schema)
    ]
    return " ".join(filter(None, (schema.get("description", ""), "; ".join(limits)))).strip()


_UNTOLD: Final = (0, NO_NUL, 2**53 - 1, 1 - 2**53)
_LIMITS: Final = {
    "minLength": "characters: at least {}",
    "maxLength": "characters: at most {}",
    "minimum": "not below {}",
    "maximum": "not above {}",
    "minItems": "items: at least {}",
    "maxItems": "items: at most {}",
    "minProperties": "members: at least {}",
    "maxProperties": "members: at most {}",
    "pattern": "of the form `{}`",
}
