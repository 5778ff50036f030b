"""Fields as strict as JSON Schema says they are; what they check is what they document."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast

from marshmallow import ValidationError, fields, validate

from ..clock import NotATime, parse_rfc3339
from ..ids import parse
from .strict_json import LARGEST

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from marshmallow import Schema

_LETTER: Final = "[0-9a-hjkmnp-tv-z]"
_SLUG: Final = "[a-z0-9]+(?:[._-][a-z0-9]+)*"
_INSTANT: Final = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}"
    r"(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
# PostgreSQL cannot store it and SQLite stops counting at it, so neither ever sees it.
NO_NUL: Final = "^[^\\u0000]*$"


class Text(fields.String):
    """A string of a documented length; with `pattern`, of one documented form (whole match)."""

    def __init__(
        self, *, least: int = 0, most: int = 1000, pattern: str = "", **options: Any
    ) -> None:
        super().__init__(**options)
        self.least, self.most = least, most
        self.form = re.compile(pattern, re.ASCII) if pattern else None
        self.json_schema: dict[str, Any] = {
            "minLength": least,
            "maxLength": most,
            "pattern": f"^(?:{pattern})$" if pattern else NO_NUL,
        }

    def _deserialize(self, value: object, attr: str | None, data: Any, **more: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if not self.least <= len(value) <= self.most:
            raise ValidationError(f"Must have {self.least} to {self.most} characters.")
        if self.form and not self.form.fullmatch(value):
            raise ValidationError(f"Must have the form {self.form.pattern}.")
        if "\x00" in value:
            raise ValidationError("Must not contain the character U+0000.")
        return value


class Slug(Text):
    """A short readable name: lower-case words joined by dots, dashes or underscores."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"least": 1, "most": 100, "pattern": _SLUG, **options})


class Choice(Text):
    """One word of a closed list."""

    def __init__(self, words: Collection[str], **options: Any) -> None:
        super().__init__(**options)
        self.words = tuple(str(word) for word in words)
        self.json_schema = {"enum": list(self.words)}

    def _deserialize(self, value: object, attr: str | None, data: Any, **more: Any) -> str:
        if not isinstance(value, str) or value not in self.words:
            raise ValidationError(f"Must be one of: {', '.join(self.words)}.")
        return value


class PublicId(fields.Field[int]):
    """An id as the outside sees it; loads as the number inside."""

    def __init__(self, prefix: str, **options: Any) -> None:
        super().__init__(**options)
        self.prefix = prefix
        self.json_schema: dict[str, Any] = {
            "type": "string",
            "pattern": f"^{prefix}_[0-7]{_LETTER}{{12}}$",
        }

    def _deserialize(self, value: object, attr: str | None, data: Any, **more: Any) -> int:
        number = parse(self.prefix, value) if isinstance(value, str) else None
        if number is None:
            raise ValidationError(f"Must be an id that begins with {self.prefix}_.")
        return number


class Instant(fields.Field[datetime]):
    """An RFC 3339 time; loads as an aware datetime in UTC."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.json_schema: dict[str, Any] = {
            "type": "string",
            "format": "date-time",
            "pattern": f"^(?:{_INSTANT})$",
        }

    def _deserialize(self, value: object, attr: str | None, data: Any, **more: Any) -> datetime:
        if not isinstance(value, str):
            raise ValidationError("Not a valid string.")
        try:
            return parse_rfc3339(value)
        except NotATime as error:
            raise ValidationError(f"Not a time: {error}.") from error


class Integer(fields.Integer):
    """A whole number as JSON Schema has it: 3 and 3.0, never true and never "3"."""

    def __init__(self, *, least: int = -LARGEST, most: int = LARGEST, **options: Any) -> None:
        super().__init__(**options)
        self.least, self.most = least, most
        self.json_schema: dict[str, Any] = {"minimum": least, "maximum": most}

    def _deserialize(self, value: object, attr: str | None, data: Any, **more: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        # In Python true is 1; a decision is not a quantity (security.md, test 64).
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.make_error("invalid")
        if not self.least <= value <= self.most:
            raise ValidationError(f"Must be between {self.least} and {self.most}.")
        return value


class Flag(fields.Boolean):
    """True or false, and nothing that looks like them."""

    def _deserialize(self, value: object, attr: str | None, data: Any, **more: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Items(fields.List[Any]):
    """A list of documented length."""

    def __init__(
        self,
        inner: fields.Field[Any] | type[fields.Field[Any]],
        *,
        least: int = 0,
        most: int = 1000,
        **options: Any,
    ) -> None:
        super().__init__(inner, **options)
        self.least, self.most = least, most
        self.json_schema: dict[str, Any] = {"minItems": least, "maxItems": most}

    def _deserialize(
        self, value: object, attr: str | None, data: Any, **more: Any
    ) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        # Counted before looking inside: a million items must cost nothing (CVE-2025-68480).
        if not self.least <= len(value) <= self.most:
            raise ValidationError(f"Must have {self.least} to {self.most} items.")
        return super()._deserialize(value, attr, data, **more)


class Table(fields.Dict):
    """An object whose names are the caller's: slugs to choices, languages to texts."""

    def __init__(
        self,
        names: Text,
        values: fields.Field[Any],
        *,
        least: int = 0,
        most: int = 200,
        **options: Any,
    ) -> None:
        super().__init__(values=values, **options)
        self.names, self.item = names, values
        self.least, self.most = least, most
        self.json_schema: dict[str, Any] = {
            "minProperties": least,
            "maxProperties": most,
            "propertyNames": {"type": "string", **names.json_schema},
        }

    def _deserialize(
        self, value: object, attr: str | None, data: Any, **more: Any
    ) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        if not self.least <= len(value) <= self.most:
            raise ValidationError(f"Must have {self.least} to {self.most} members.")
        loaded: dict[str, Any] = {}
        faults: dict[str, Any] = {}
        for name, item in value.items():
            try:
                self.names.deserialize(name)
                loaded[name] = self.item.deserialize(item)
            except ValidationError as error:
                faults[name] = error.messages
        if faults:
            raise ValidationError(cast("Any", faults))
        return loaded


class Part(fields.Nested):
    """An object with fields of its own."""

    def __init__(self, schema: type[Schema], **options: Any) -> None:
        super().__init__(schema, **options)

    def _deserialize(
        self, value: object, attr: str | None, data: Any, partial: Any = None, **more: Any
    ) -> Any:
        read = getattr(self.schema, "read", None)
        plain = read(value) if read and not partial else None
        if plain is not None:
            return plain
        return super()._deserialize(value, attr, data, partial=partial, **more)


class Anything(fields.Raw):
    """Any JSON value, for documents that their own reader checks."""


def documented(_converter: object, field: Any, **_more: Any) -> Mapping[str, Any]:
    """Tell apispec what a field of this module checks, in JSON Schema's words."""
    told = dict(cast("Mapping[str, Any]", getattr(field, "json_schema", {})))
    if field.allow_none:
        if "type" in told:
            told["type"] = [told["type"], "null"]
        if "enum" in told:
            told["enum"] = [*told["enum"], None]
    return told


__all__ = [
    "Anything",
    "Choice",
    "Flag",
    "Instant",
    "Integer",
    "Items",
    "Part",
    "PublicId",
    "Slug",
    "Table",
    "Text",
    "documented",
    "validate",
]
