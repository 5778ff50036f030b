"""Shapes: how people and what is known of them come in and go out."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, validates_schema

from ..organisations.document import vocabulary
from ..web import Schema, fields
from .naming_schemas import Names, PersonIn

RELATIONSHIPS = (
    "prospect",
    "customer",
    "customer_employee",
    "consultant",
    "partner",
    "supplier",
    "site_user",
)
# `generic`: an address that is nobody's own, such as contact@.
CAPACITIES = ("consumer", "professional", "generic")
# What the person did: an open is not among them, nobody need have read it (PRO-6).
TOUCHES = ("order", "reply", "call", "click", "login", "form")
REACHING = tuple(each.value for each in vocabulary.Channel if each in vocabulary.REACHING)
OUTCOMES = ("reached", "no_answer", "refused")


class IdentifierIn(Names):
    """One identifier of a person: exactly one of its kinds."""

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

    @validates_schema
    def end_after_it_began(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a relationship that ended before it began."""
        since, until = data.get("since"), data.get("until")
        if since and until and until < since:
            raise ValidationError("It ends before it begins.", "until")


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
    capacity = fields.Choice(CAPACITIES)
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
    # Facts that stop every use, and can be taken back (GDPR art. 18; loi I&L art. 84).
    restricted = fields.Flag()
    deceased = fields.Flag()


class SubjectOut(Schema):
    """The person's opaque id."""

    subject = fields.Text(required=True)


class NewLink(Schema):
    """Two subjects that are one person, and who says so: named by id, or by an identifier."""

    subjects = fields.Items(fields.PublicId("sub"), least=2, most=2)
    identifiers = fields.Items(fields.Part(IdentifierIn), least=2, most=2)
    source = fields.Text(least=1, most=200, required=True)
    actor = fields.Text(most=200)

    @validates_schema
    def name_two(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse neither and both ways of naming them."""
        if len(data.keys() & {"subjects", "identifiers"}) != 1:
            raise ValidationError("Give subjects, or identifiers: two of them.")


class LinkOut(Schema):
    """The link's id."""

    link = fields.Text(required=True)


class _OneContact(Schema):
    """What every contact says."""

    subject = fields.Part(PersonIn)
    at = fields.Instant()
    source = fields.Text(least=1, most=200)
    actor = fields.Text(most=200)
    on_behalf_of = fields.Text(most=200)


class TouchIn(_OneContact):
    """What the person did."""

    kind = fields.Choice(TOUCHES)

    @validates_schema
    def say_it_all(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse one that leaves out who did what, and who says so."""
        _all_of(data, "subject", "kind", "source")


class AttemptIn(_OneContact):
    """That we tried to reach her."""

    channel = fields.Choice(REACHING)
    outcome = fields.Choice(OUTCOMES)
    # What for: a purpose's slug or id; without it, it counts for every purpose of the channel.
    purpose = fields.Text(least=1, most=100)

    @validates_schema
    def say_it_all(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse one that leaves out whom, by which channel, and who says so."""
        _all_of(data, "subject", "channel", "source")


def _all_of(data: dict[str, Any], *names: str) -> None:
    if "contacts" in data:
        if len(data) > 1:
            raise ValidationError("Give one contact, or a list of contacts.", "contacts")
        return
    for name in names:
        if name not in data:
            raise ValidationError("Missing data for required field.", name)


class Touches(TouchIn):
    """One contact by the person, or several (`POST /v1/contacts/touch`)."""

    contacts = fields.Items(fields.Part(TouchIn), least=1, most=100)


class Attempts(AttemptIn):
    """One attempt by us, or several (`POST /v1/contacts/attempts`)."""

    contacts = fields.Items(fields.Part(AttemptIn), least=1, most=100)


class ContactOut(Schema):
    """Who it was, and when."""

    subject = fields.Text()
    at = fields.Instant()


class ContactsOut(ContactOut):
    """One contact, or the list for a list of contacts."""

    contacts = fields.Items(fields.Part(ContactOut))


class LinksQuery(Schema):
    """Whose links."""

    subject = fields.PublicId("sub", required=True)


class LinkShown(Schema):
    """A link, in force or undone."""

    link = fields.Text(required=True)
    subjects = fields.Items(fields.Text(), required=True)
    source = fields.Text(allow_none=True, required=True)
    actor = fields.Text(allow_none=True, required=True)
    recorded_at = fields.Instant(required=True)
    undone_at = fields.Instant(allow_none=True, required=True)


class LinksShown(Schema):
    """The links of a subject, oldest first."""

    links = fields.Items(fields.Part(LinkShown), required=True)
