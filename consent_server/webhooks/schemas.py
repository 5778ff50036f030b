"""Shapes: receivers, and what was tried with them."""

from __future__ import annotations

from typing import Final

from ..outgoing.addresses import LONGEST_URL
from ..web import Schema, fields
from .rules import TYPES, Outcome

MOST_HOOKS: Final = 20


class NewWebhook(Schema):
    """A receiver to be declared (`POST /v1/webhooks`)."""

    url = fields.Text(least=1, most=LONGEST_URL, required=True)
    # None, or an empty list, means every type.
    events = fields.Items(fields.Choice(TYPES), most=len(TYPES))


class WebhookOut(Schema):
    """A receiver as it stands, without its secret."""

    id = fields.Text(required=True, metadata={"description": "`whk_…`"})
    url = fields.Text(required=True)
    events = fields.Items(fields.Text(), required=True)
    created_at = fields.Instant(required=True)
    # The number in the feed up to which everything was taken in.
    reached = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    disabled = fields.Choice((Outcome.GONE, Outcome.EXHAUSTED), allow_none=True, required=True)
    disabled_at = fields.Instant(allow_none=True, required=True)


class WebhookMade(WebhookOut):
    """A receiver with a secret that is never shown again."""

    secret = fields.Text(required=True, metadata={"description": "`whsec_…`, shown once."})
    old_until = fields.Instant()


class WebhooksOut(Schema):
    """The receivers that are not closed."""

    webhooks = fields.Items(fields.Part(WebhookOut), most=MOST_HOOKS, required=True)


class Nothing(Schema):
    """An empty object: there is nothing to say."""


class ReplaceSecret(Schema):
    """A new secret: beside the old one for a day, or at once because the old one leaked."""

    at_once = fields.Flag(load_default=False)


class Replay(Schema):
    """From where to send again: what follows this number in the feed."""

    after = fields.Integer(least=0, required=True)


class TriesAsked(Schema):
    """How many tries to show."""

    limit = fields.Integer(least=1, most=200, load_default=50)


class TryOut(Schema):
    """One try."""

    seq = fields.Integer(allow_none=True, required=True)
    event = fields.Text(required=True)
    number = fields.Integer(data_key="try", attribute="try", required=True)
    at = fields.Instant(required=True)
    took_ms = fields.Integer(required=True)
    status = fields.Integer(allow_none=True, required=True)
    # `delivered`, `refused` (another status), `timeout`, `unreachable`, `certificate`,
    # `not_http`, `too_long`, `address_refused`.
    outcome = fields.Text(required=True)


class TriesOut(Schema):
    """The latest tries, newest first."""

    deliveries = fields.Items(fields.Part(TryOut), most=200, required=True)
