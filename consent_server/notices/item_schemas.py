"""Schemas of purposes, trackers and sites, made from the format of the organisation's file.

They name the fields and their JSON types for the API's document; what a value may be is
checked by the file's own reader, in one place for both doors.
"""

from __future__ import annotations

from dataclasses import MISSING, is_dataclass
from dataclasses import fields as dataclass_fields
from typing import Any, Final, get_args, get_origin

from ..organisations.document.catalogue import Purpose, Site, Tracker
from ..organisations.document.hints import BY_LANGUAGE, field_types, optional
from ..web import Schema, fields


def _json_type(kind: object) -> str:
    if get_origin(kind) is tuple:
        return "array"
    if kind is bool:
        return "boolean"
    return "object" if kind in BY_LANGUAGE or is_dataclass(kind) else "string"


def _field(kind: object, *, required: bool, removable: bool) -> fields.Anything:
    inner = optional(kind)
    return fields.Anything(
        required=required,
        allow_none=removable or inner is not None,
        metadata=_described(inner or kind),
    )


def _described(kind: object) -> dict[str, Any]:
    told: dict[str, Any] = {"type": _json_type(kind)}
    if told["type"] == "array":
        # Generators of clients make nothing of a list that may hold anything.
        told["items"] = _described(get_args(kind)[0])
    return told


def _schema(kind: type, name: str, about: str, *, whole: bool, shown: bool) -> type[Schema]:
    """Make a schema; `whole` requires what the file requires, `shown` everything.

    In a patch, which is neither, null removes (RFC 7396).
    """
    types = field_types(kind)
    made: dict[str, Any] = {
        field.name: _field(
            types[field.name],
            required=shown or (whole and field.default is MISSING),
            removable=not (shown or whole),
        )
        for field in dataclass_fields(kind)
    }
    made["id"] = fields.Text(required=shown)
    return type(name, (Schema,), {**made, "__doc__": about})


_KINDS: Final[dict[str, tuple[type, str]]] = {
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
