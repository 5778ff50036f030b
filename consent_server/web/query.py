"""Reading a query string, where every value arrives as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from marshmallow import EXCLUDE

from ..problems import FieldError, Unprocessable
from .fields import Flag, Integer

if TYPE_CHECKING:
    from marshmallow import Schema
    from werkzeug.datastructures import MultiDict

_WHOLE: Final = re.compile(r"-?[0-9]{1,16}", re.ASCII)
_FLAGS: Final = {"true": True, "false": False}


def read_query(schema: Schema, arguments: MultiDict[str, str]) -> dict[str, Any]:
    """Give each argument the type that its field documents; refuses one given twice."""
    found: dict[str, Any] = {}
    for name, values in arguments.lists():
        if schema.unknown == EXCLUDE and name not in schema.fields:
            continue
        if len(values) > 1:
            twice = FieldError(f"/{name}" if name in schema.fields else "", "Given twice.")
            raise Unprocessable("an argument is given twice", errors=[twice])
        found[name] = _typed(schema.fields.get(name), values[0])
    return found


def _typed(field: object, value: str) -> object:
    if isinstance(field, Integer) and _WHOLE.fullmatch(value):
        return int(value)
    if isinstance(field, Flag):
        return _FLAGS.get(value, value)
    return value
