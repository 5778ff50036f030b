"""Schemas of purposes, trackers and sites, made from the format of the organisation's file.

They name the fields and their JSON types for the API's document; what a value may be is
checked by the file's own reader, in one place for both doors.
"""

from __future__ import annotations

from dataclasses import MISSING
from dataclasses import fields as dataclass_fields
from types import NoneType
from typing import Any, Final, get_args, get_origin

from ..organisations.document.catalogue import Purpose, Site, Tracker
from ..organisations.document.hints import field_types
from ..organisations.document.scalars import Words
from ..web import Schema, fields


def _json_type(kind: Any) -> str:
    if get_origin(kind) is tuple:
        return "array"
    if kind is bool:
        return "boolean"
    if kind is Words or hasattr(kind, "__dataclass_fields__"):
        return "object"
    return "string"


def _field(kind: Any, *, required: bool) -> fields.Anything:
    inner = [arm for arm in get_args(kind) if arm is not NoneType]
    optional = NoneType in get_args(kind)
    plain = inner[0] if optional else kind
    return fields.Anything(
        required=required, allow_none=optional, metadata={"type": _json_type(plain)}
    )


def _schema(
    kind: type[Any], name: str, about: str, *, whole: bool, shown: bool
) -> type[Schema]:
    """Make a schema; `whole` requires what the file requires, `shown` everything."""
    types = field_types(kind)
    made: dict[str, Any] = {
        field.name: _field(
            types[field.name], required=shown or (whole and field.default is MISSING)
        )
        for field in dataclass_fields(kind)
    }
    made["id"] = fields.Text(required=shown)
    return type(name, (Schema,), {**made, "__doc__": about})


_KINDS: Final[dict[str, tuple[type[Any], str]]] = {
    "Purpose": (Purpose, "One use on one channel, with its legal basis."),
    "Tracker": (Tracker, "A service that reads or writes on the device."),
    "Site": (Site, "A website, the exact origins of its pages, how its banner is dressed."),
}
PUT: Final = {
    name: _schema(kind, f"{name}Taken", about, whole=True, shown=False)
    for name, (kind, about) in _KINDS.items()
}
PATCH: Final = {
    name: _schema(kind, f"{name}Patch", f"Parts to change: {about}", whole=False, shown=False)
    for name, (kind, about) in _KINDS.items()
}
SHOWN: Final = {
    name: _schema(kind, f"{name}Shown", about, whole=True, shown=True)
    for name, (kind, about) in _KINDS.items()
}


class Purposes(Schema):
    """The purposes in force."""

    purposes = fields.Items(fields.Part(SHOWN["Purpose"]), required=True)


class Trackers(Schema):
    """The trackers in force."""

    trackers = fields.Items(fields.Part(SHOWN["Tracker"]), required=True)


class Sites(Schema):
    """The sites in force."""

    sites = fields.Items(fields.Part(SHOWN["Site"]), required=True)
