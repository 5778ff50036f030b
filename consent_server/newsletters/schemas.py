"""Shapes: links asked for, and links given."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, validates_schema

from ..subjects.naming_schemas import PersonIn
from ..web import Schema, fields

# One call, answered whole; larger mailings send lines, or ask again.
MOST_LINKS = 10_000


class LinkSubject(PersonIn):
    """For whom: one or more identifiers of one person; the link is the first one's."""


class OneLink(Schema):
    """One link: for whom, and what it leaves."""

    subject = fields.Part(LinkSubject, required=True)
    # A purpose's slug or id, or `marketing`.
    purpose = fields.Text(least=1, most=100, required=True)


class NewLinks(Schema):
    """One link, or a list of them (`POST /v1/unsubscribe-links`)."""

    subject = fields.Part(LinkSubject)
    purpose = fields.Text(least=1, most=100)
    links = fields.Items(fields.Part(OneLink), least=1, most=MOST_LINKS)

    @validates_schema
    def be_one_or_many(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a body that is neither one link nor a list, or both."""
        single = data.keys() & {"subject", "purpose"}
        if "links" in data:
            if single:
                raise ValidationError("Give links, or subject and purpose, not both.")
        elif len(single) != 2:
            raise ValidationError("Give subject and purpose, or links.")


class LinkHeaders(Schema):
    """The two headers of the message that carries the link (RFC 2369, RFC 8058)."""

    list_unsubscribe = fields.Text(data_key="List-Unsubscribe", required=True)
    list_unsubscribe_post = fields.Text(data_key="List-Unsubscribe-Post", required=True)


class LinkOut(Schema):
    """A link and its headers."""

    url = fields.Text(required=True)
    headers = fields.Part(LinkHeaders, required=True)


class LinksOut(Schema):
    """A link and its headers; or, for a list, the links in the order asked."""

    url = fields.Text()
    headers = fields.Part(LinkHeaders)
    links = fields.Items(fields.Part(LinkOut), most=MOST_LINKS)
