"""Schemas: how a body names a person, by whichever identifiers of hers it knows."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, validates_schema

from ..web import Schema, fields
from .identifiers import KINDS


class Names(Schema):
    """Identifiers, each of its kind."""

    email = fields.Text(least=1, most=320)
    phone = fields.Text(least=1, most=40)
    external_id = fields.Text(least=1, most=200)
    visitor = fields.Text(least=22, most=64)


class PersonIn(Names):
    """Who is meant: one or more identifiers of one person."""

    @validates_schema
    def name_somebody(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a subject without an identifier."""
        if not data.keys() & set(KINDS):
            raise ValidationError("Give an email, phone, external_id or visitor.")
