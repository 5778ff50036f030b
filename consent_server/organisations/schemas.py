"""What the room's doors take and answer."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import ValidationError, validates_schema

from ..web import Schema, fields
from .rules import RATE
from .values import Scope

MOST_PER_PAGE: Final = 200


class OrganisationShown(Schema):
    """An organisation of this server."""

    id = fields.Text(required=True, metadata={"description": "`org_…`"})
    slug = fields.Text(required=True)
    created_at = fields.Instant(required=True)


class OrganisationsShown(Schema):
    """The caller's organisation; every one of this server for a key with the scope host."""

    organisations = fields.Items(fields.Part(OrganisationShown), required=True)


class Quotas(Schema):
    """The rates of a key, where they are not those of the deployment: `600/minute`."""

    lookups = fields.Text(most=20, pattern=RATE)
    writes = fields.Text(most=20, pattern=RATE)


class NewKeyTaken(Schema):
    """A key to be made."""

    name = fields.Text(required=True, least=1, most=100)
    scopes = fields.Items(
        fields.Choice([scope.value for scope in Scope]), required=True, least=1, most=len(Scope)
    )
    expires_at = fields.Instant(allow_none=True)
    quotas = fields.Part(Quotas)
    trackers = fields.Items(
        fields.Text(least=1, most=100),
        most=200,
        metadata={"description": "With `proofs:partner`: whose proofs it may fetch (slugs)."},
    )

    @validates_schema
    def name_trackers(self, data: dict[str, Any], **_: Any) -> None:
        """See that a partner's key names what it is for, and no other key does."""
        partner = Scope.PROOFS_PARTNER in data.get("scopes", ())
        if partner and not data.get("trackers"):
            raise ValidationError("Name the trackers whose proofs it may fetch.", "trackers")
        if data.get("trackers") and not partner:
            raise ValidationError(f"Goes with the scope {Scope.PROOFS_PARTNER}.", "trackers")


class NewSecret(Schema):
    """How a key gets another secret."""

    at_once = fields.Flag(
        load_default=False,
        metadata={"description": "The old one leaked: it is taken no more, not even today."},
    )


class KeyShown(Schema):
    """A key, without its secret."""

    id = fields.Text(required=True, metadata={"description": "`key_…`"})
    name = fields.Text(required=True)
    scopes = fields.Items(fields.Choice([scope.value for scope in Scope]), required=True)
    created_at = fields.Instant(required=True)
    expires_at = fields.Instant(required=True, allow_none=True)
    revoked_at = fields.Instant(required=True, allow_none=True)
    former_secret_until = fields.Instant(required=True, allow_none=True)
    exposed_at = fields.Instant(
        required=True,
        allow_none=True,
        metadata={"description": "When it was first seen in an address: replace it."},
    )
    quotas = fields.Part(Quotas, required=True)
    trackers = fields.Items(fields.Text(), required=True)
    last_used_at = fields.Instant(
        required=True, allow_none=True, metadata={"description": "To the hour."}
    )
    last_used_from = fields.Text(
        required=True, allow_none=True, metadata={"description": "The network, /24 or /64."}
    )
    uses = fields.Integer(required=True, least=0)


class KeyMade(KeyShown):
    """A key as it is made, with the text that is never shown again."""

    key = fields.Text(required=True, metadata={"description": "`cs_live_…`, shown once."})


class KeysShown(Schema):
    """The keys of the organisation, revoked ones too."""

    keys = fields.Items(fields.Part(KeyShown), required=True)


class AuditAsked(Schema):
    """Which page of the audit trail."""

    after = fields.PublicId("aud", metadata={"description": "`next` of the page before."})
    limit = fields.Integer(least=1, most=MOST_PER_PAGE, load_default=50)


class AuditedShown(Schema):
    """Who did or looked at what, and when."""

    id = fields.Text(required=True)
    recorded_at = fields.Instant(required=True)
    actor = fields.Text(required=True)
    action = fields.Text(required=True)
    target = fields.Text(required=True)
    detail = fields.Table(fields.Text(), fields.Anything(), required=True)


class AuditShown(Schema):
    """A page of the audit trail, oldest first."""

    entries = fields.Items(fields.Part(AuditedShown), required=True)
    next = fields.Text(
        required=True,
        allow_none=True,
        metadata={"description": "The `after` to send next; null before the first entry."},
    )
