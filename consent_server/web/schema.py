"""Schemas: what a body may hold, and how a fault in it is named."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import marshmallow
from marshmallow.decorators import POST_LOAD, PRE_LOAD, VALIDATES, VALIDATES_SCHEMA

from ..problems import FieldError, Unprocessable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_FAULTS: Final = 1000
# A name that someone sent is repeated only if it reads like a field's name: a body whose
# names are addresses must not come back in an error, nor end in the caller's log.
_A_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,63}", re.ASCII)


class Schema(marshmallow.Schema):
    """The base of every body and answer: unknown fields are refused."""

    class Meta:
        """Said aloud, so that no later version of the library changes it."""

        unknown = marshmallow.RAISE

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._known = {
            field.data_key or name: (field.attribute or name, field)
            for name, field in self.load_fields.items()
        }
        # What is there and is not null needs no more than the field's own reading.
        self._reads = {
            name: (attribute, field.deserialize if _adds(field) else field._deserialize)
            for name, (attribute, field) in self._known.items()
        }
        self._expected = [
            name
            for name, (_, field) in self._known.items()
            if field.required or field.load_default is not marshmallow.missing
        ]
        self._rules = [getattr(self, name) for name, *_ in self._hooks[VALIDATES_SCHEMA]]
        others = (PRE_LOAD, POST_LOAD, VALIDATES)
        self._plain = not any(self._hooks[hook] for hook in others)

    def read(self, data: object) -> dict[str, Any] | None:
        """Read a body without a fault; None for any other, which `load` then explains.

        Two routes are asked thousands of times a second: a good body is read in one walk
        over what it holds. Anything else goes the library's way, which visits every field
        of the schema and names every fault.
        """
        if not self._plain or not isinstance(data, dict):
            return None
        try:
            loaded = self._walk(data)
            for rule in self._rules:
                rule(loaded)
        except (KeyError, marshmallow.ValidationError):
            return None
        return loaded

    def _walk(self, data: dict[str, Any]) -> dict[str, Any]:
        loaded: dict[str, Any] = {}
        for name, value in data.items():
            attribute, read = self._reads[name]
            if value is None:
                read = self._known[name][1].deserialize
            loaded[attribute] = read(value, name, data)
        for name in self._expected:
            if name not in data:
                attribute, field = self._known[name]
                loaded[attribute] = field.deserialize(marshmallow.missing, name, data)
        return loaded


def _adds(field: marshmallow.fields.Field[Any]) -> bool:
    return bool(field.validators or field.pre_load or field.post_load)


def load(schema: marshmallow.Schema, body: Mapping[str, Any]) -> dict[str, Any]:
    """Read a body by its schema; raises `Unprocessable` naming every field that is wrong."""
    plain = schema.read(body) if isinstance(schema, Schema) else None
    if plain is not None:
        return plain
    try:
        loaded: dict[str, Any] = schema.load(body)
    except marshmallow.ValidationError as error:
        raise unprocessable(error.messages) from None
    return loaded


def unprocessable(messages: object) -> Unprocessable:
    """Write a validation's messages as one problem with a pointer for each field."""
    # Whoever sends ten thousand wrong lines learns enough from the first thousand.
    faults = list(islice(dict.fromkeys(_flatten(messages, "")), MOST_FAULTS))
    return Unprocessable("a field of the body is wrong", errors=faults)


def _flatten(messages: object, pointer: str) -> Iterator[FieldError]:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _flatten(inner, _step(pointer, name))
    elif isinstance(messages, list):
        for inner in messages:
            yield from _flatten(inner, pointer)
    else:
        yield FieldError(pointer, str(messages))


def _step(pointer: str, name: object) -> str:
    if name == marshmallow.exceptions.SCHEMA:
        return pointer
    if isinstance(name, int) or (isinstance(name, str) and _A_NAME.fullmatch(name)):
        return f"{pointer}/{name}"
    return pointer
