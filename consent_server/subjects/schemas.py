"""Shapes: how people and what is known of them come in and go out."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, validates_schema

from ..web import Schema, fields

RELATIONSHIPS = (
    "prospect",
    "customer",
    "customer_employee",
    "consultant",
    "partner",
    "supplier",
    "site_user",
)


class IdentifierIn(Schema):
    """One identifier of a person: exactly one of its kinds."""

    email = fields.Text(least=1, most=320)
    phone = fields.Text(least=1, most=40)
    external_id = fields.Text(least=1, most=200)
    visitor = fields.Text(least=22, most=64)
    shared = fields.Flag()

    @validates_schema
    def name_one(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse none and several."""
        if len(data.keys() - {"shared"}) != 1:
            raise ValidationError("Give one of email, phone, external_id, visitor.")


class RelationshipIn(Schema):
    """What the person is to the organisation, and since when."""

    kind = fields.Choice(RELATIONSHIPS, required=True)
    since = fields.Instant()
    until = fields.Instant()
    contract = fields.Flag()


class CollectionIn(Schema):
    """How the address was obtained (the conditions of the soft opt-in)."""

    direct = fields.Flag()
    in_sale = fields.Flag()
    seller = fields.Text(most=200)
    similar = fields.Flag()
    refusal_offered = fields.Flag()
    at = fields.Instant()


class FactsIn(Schema):
    """The facts that may come with a person."""

    relationships = fields.Items(fields.Part(RelationshipIn), most=20)
    capacity = fields.Choice(("consumer", "professional"))
    country = fields.Text(least=2, most=2, pattern="[A-Z]{2}")
    birth_year = fields.Integer(least=1900, most=2100)
    on_behalf_of = fields.Text(most=200)
    informed_at = fields.Instant()
    collection = fields.Part(CollectionIn)


class NewSubject(FactsIn):
    """A person and what is known of them (`POST /v1/subjects`)."""

    identifiers = fields.Items(fields.Part(IdentifierIn), least=1, most=20, required=True)
    source = fields.Text(least=1, most=200, required=True)
    actor = fields.Text(most=200)


class SubjectOut(Schema):
    """The person's opaque id."""

    subject = fields.Text(required=True)


class NewLink(Schema):
    """Two subjects that are one person, and who says so."""

    subjects = fields.Items(fields.PublicId("sub"), least=2, most=2, required=True)
    source = fields.Text(least=1, most=200, required=True)
    actor = fields.Text(most=200)


class LinkOut(Schema):
    """The link's id."""

    link = fields.Text(required=True)
