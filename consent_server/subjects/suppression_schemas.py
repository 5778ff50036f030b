"""Shapes: suppressions asked for, and as they stand."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, validates_schema

from ..web import Schema, fields
from .suppress import REASONS
from .suppressions import SUPPRESSED

# One call; longer lists come as a file.
MOST: int = 1000
_ASKED = tuple(each for each in REASONS if each != "erased")


class SuppressedSubject(Schema):
    """Who is not to be contacted, known to us or not."""

    email = fields.Text(least=1, most=320)
    phone = fields.Text(least=1, most=40)
    external_id = fields.Text(least=1, most=200)

    @validates_schema
    def name_somebody(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a subject without an identifier."""
        if not data.keys() & set(SUPPRESSED):
            raise ValidationError("Give an email, phone or external_id.")


class OneSuppression(Schema):
    """One suppression: who, from what, and why."""

    subject = fields.Part(SuppressedSubject, required=True)
    scope = fields.Text(
        least=1,
        most=110,
        required=True,
        metadata={"description": "`marketing`, `channel:email` or `purpose:<slug or id>`."},
    )
    reason = fields.Choice(_ASKED, metadata={"description": "`asked` unless said."})


class NewSuppressions(Schema):
    """One suppression, or a list of them (`POST /v1/suppressions`)."""

    subject = fields.Part(SuppressedSubject)
    scope = fields.Text(least=1, most=110)
    reason = fields.Choice(_ASKED)
    suppressions = fields.Items(fields.Part(OneSuppression), least=1, most=MOST)

    @validates_schema
    def be_one_or_many(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a body that is neither one nor a list, or both."""
        single = data.keys() & {"subject", "scope", "reason"}
        if "suppressions" in data:
            if single:
                raise ValidationError("Give suppressions, or subject and scope, not both.")
        elif not data.keys() >= {"subject", "scope"}:
            raise ValidationError("Give subject and scope, or suppressions.")


class SuppressionAdded(Schema):
    """A suppression that stands now."""

    id = fields.Text(required=True)
    kind = fields.Text(required=True)
    scope = fields.Text(required=True)
    added = fields.Flag(
        required=True, metadata={"description": "False: it stood already, untouched."}
    )


class SuppressionsAdded(Schema):
    """One for each identifier, in the order given."""

    suppressions = fields.Items(
        fields.Part(SuppressionAdded), most=MOST * len(SUPPRESSED), required=True
    )


class SuppressionsQuery(Schema):
    """Which page."""

    after = fields.Text(least=1, most=20, metadata={"description": "The `next` before."})
    limit = fields.Integer(least=1, most=200, load_default=100)


class LiftedOut(Schema):
    """A purpose that the person opened again, and when."""

    purpose = fields.Text(required=True)
    since = fields.Instant(required=True)


class SuppressionOut(Schema):
    """A suppression, without whom it names: a keyed hash is all we have."""

    id = fields.Text(required=True)
    kind = fields.Text(required=True)
    scope = fields.Text(required=True)
    reason = fields.Text(required=True)
    recorded_at = fields.Instant(required=True)
    closed_at = fields.Instant(allow_none=True, required=True)
    lifted = fields.Items(fields.Part(LiftedOut), required=True)


class SuppressionsOut(Schema):
    """A page of suppressions, oldest first."""

    suppressions = fields.Items(fields.Part(SuppressionOut), required=True)
    next = fields.Text(
        allow_none=True,
        required=True,
        metadata={"description": "The `after` to send next; null at the end."},
    )
