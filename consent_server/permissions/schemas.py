"""Shapes: what is asked about one person, and what is answered."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, validates_schema

from ..organisations.document.vocabulary import Channel
from ..subjects.naming_schemas import Names
from ..web import Schema, fields
from .values import Because, Regime

CHANNELS = tuple(each.value for each in Channel)
KINDS = ("email", "phone", "external_id", "visitor", "sha256_email", "sha256_phone")


class AskedSubject(Names):
    """Whom it is about: exactly one identifier."""

    sha256_email = fields.Text(least=64, most=64, pattern="[0-9a-fA-F]{64}")
    sha256_phone = fields.Text(least=64, most=64, pattern="[0-9a-fA-F]{64}")

    @validates_schema
    def name_one(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse none and several."""
        if len(data) != 1:
            raise ValidationError(f"Give exactly one of {', '.join(KINDS)}.")


class QuestionIn(Schema):
    """A purpose, or a family and a channel; now, or at a past moment."""

    purpose = fields.Text(least=1, most=100)
    channel = fields.Choice(CHANNELS)
    at = fields.Instant()
    known = fields.Choice(("now",))
    explain = fields.Choice(("full", "short"))
    clearance = fields.Flag(
        metadata={"description": "Sign the answer: a token to be stored with the send."}
    )


class PermissionQuestion(QuestionIn):
    """One question, or several about the same person (`POST /v1/permissions`)."""

    subject = fields.Part(AskedSubject, required=True)
    questions = fields.Items(fields.Part(QuestionIn), least=1, most=100)

    @validates_schema
    def ask_something(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a body that asks nothing, or in two ways at once."""
        if ("purpose" in data) == ("questions" in data):
            raise ValidationError("Give a purpose, or a list of questions.", "purpose")
        for index, question in enumerate(data.get("questions", ())):
            if "purpose" not in question:
                raise ValidationError({index: {"purpose": ["Name a purpose."]}}, "questions")


class StepOut(Schema):
    """One fact behind an answer, in words."""

    about = fields.Text(required=True)
    at = fields.Instant()
    decision = fields.Text()
    notice_version = fields.Text()
    link = fields.Text()
    en = fields.Text(required=True)
    fr = fields.Text(required=True)


class PermissionOut(Schema):
    """Allowed or not, because of one reason."""

    allowed = fields.Flag()
    because = fields.Choice(tuple(Because))
    basis = fields.Text(allow_none=True)
    regime = fields.Choice(tuple(Regime), allow_none=True)
    purpose = fields.Text()
    channel = fields.Text(allow_none=True)
    subject = fields.Text(allow_none=True)
    decision = fields.Text(allow_none=True)
    notice_version = fields.Text(allow_none=True)
    since = fields.Instant(allow_none=True)
    expires_at = fields.Instant(allow_none=True)
    as_of = fields.Instant()
    max_age = fields.Integer()
    erased = fields.Flag()
    next_permitted_at = fields.Instant()
    explanation = fields.Table(fields.Text(), fields.Text())
    clearance = fields.Text(metadata={"description": "A compact JWS (Ed25519), if asked for."})
    chain = fields.Items(fields.Part(StepOut))


class PermissionsOut(PermissionOut):
    """One permission, or the list for a list of questions."""

    permissions = fields.Items(fields.Part(PermissionOut))


class AskedAboutQuestion(Schema):
    """About whom somebody asked."""

    subject = fields.Part(AskedSubject, required=True)


class AskingOut(Schema):
    """How often a key asked about a person and a purpose in a day, and was told what."""

    day = fields.Text(required=True, metadata={"format": "date"})
    purpose = fields.Text(required=True)
    key = fields.Text(required=True, metadata={"description": "`key_…`"})
    name = fields.Text(required=True, allow_none=True)
    allowed = fields.Flag(required=True)
    count = fields.Integer(required=True, least=1)


class CampaignAskedOut(Schema):
    """A list that a person stood on; what it was answered about her is not kept."""

    at = fields.Instant(required=True)
    purpose = fields.Text(required=True)
    channel = fields.Text(required=True, allow_none=True)
    key = fields.Text(required=True, allow_none=True, metadata={"description": "`key_…`"})
    name = fields.Text(
        required=True,
        allow_none=True,
        metadata={"description": "The key's, or that of the command that asked."},
    )
    clearance = fields.Text(required=True, metadata={"description": "`clr_…`"})


class AskedAboutOut(Schema):
    """Who asked about a person, the latest day first; a lower bound."""

    subject = fields.Text(required=True, allow_none=True)
    asked = fields.Items(fields.Part(AskingOut), required=True)
    campaigns = fields.Items(fields.Part(CampaignAskedOut), required=True)


class ClearanceIn(Schema):
    """A clearance, as it was stored with a send."""

    clearance = fields.Text(required=True, least=1, most=4096)


class ClearanceOut(Schema):
    """Whether we signed it for you, and what it says."""

    valid = fields.Flag(required=True)
    answer = fields.Table(
        fields.Text(),
        fields.Anything(),
        allow_none=True,
        required=True,
        metadata={"description": "What was answered, to which key, when."},
    )
