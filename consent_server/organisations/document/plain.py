"""The canonical plain form of a document: what is stored, compared and sent."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from .model import OrganisationDocument


def document_as_json(document: OrganisationDocument) -> dict[str, Any]:
    """Say the document in plain JSON values; equal documents give equal values."""
    return {field.name: _plain(getattr(document, field.name)) for field in fields(document)}


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {name: _plain(value[name]) for name in sorted(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.value if isinstance(value, Enum) else value
