"""The canonical plain form of a document: what is stored, compared and sent."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from .model import OrganisationDocument


def document_as_json(document: OrganisationDocument) -> dict[str, Any]:
    """Say the document in plain JSON values; equal documents give equal values."""
    return {field.name: as_plain(getattr(document, field.name)) for field in fields(document)}


def as_plain(value: object) -> Any:
    """Say one part of a document in plain JSON values."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {name: as_plain(value[name]) for name in sorted(value)}
    if isinstance(value, tuple):
        return [as_plain(item) for item in value]
    return value.value if isinstance(value, Enum) else value
