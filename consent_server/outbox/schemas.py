"""Shapes: what a follower asks for, and the page of events it gets."""

from __future__ import annotations

from typing import Final

from ..web import Schema, fields

MOST_EVENTS: Final = 1000
LONGEST_WAIT: Final = 30


class EventsQuery(Schema):
    """From where, how many, and how long to wait for the first one."""

    # The `next` of the page before; 0, or nothing, for the beginning.
    after = fields.Integer(least=0, load_default=0)
    limit = fields.Integer(least=1, most=MOST_EVENTS, load_default=100)
    # Seconds.
    wait = fields.Integer(least=0, most=LONGEST_WAIT, load_default=0)


class EventOut(Schema):
    """One thing that changed."""

    seq = fields.Integer(required=True)
    # The same at every reading: what a follower has seen, it can know again.
    id = fields.Text(required=True)
    type = fields.Text(required=True)
    recorded_at = fields.Instant(required=True)
    subject = fields.Text(allow_none=True, required=True)
    external_ids = fields.Items(fields.Text(), required=True)
    purpose = fields.Text(allow_none=True, required=True)
    channel = fields.Text(allow_none=True, required=True)
    standing = fields.Text(allow_none=True, required=True)
    because = fields.Text(allow_none=True, required=True)
    decision = fields.Text(allow_none=True, required=True)
    # Of a consent that has ended by time, or soon will.
    expires_at = fields.Instant()
    # Of a link: the other subject.
    other = fields.Text()
    # Of a suppression: what it ends.
    scope = fields.Text()
    # Of a published notice: which, and what its version means.
    notice = fields.Text()
    notice_version = fields.Text()
    number = fields.Integer()
    judgement = fields.Text()
    touched = fields.Items(fields.Text())


class EventsOut(Schema):
    """A page of the feed, and the `after` to send next."""

    events = fields.Items(fields.Part(EventOut), most=MOST_EVENTS, required=True)
    next = fields.Integer(required=True)


class RenewalsQuery(Schema):
    """How soon they end, and which page."""

    within = fields.Text(
        least=3,
        most=12,
        metadata={"description": "A period: P30D, P3M; the organisation's own unless said."},
    )
    after = fields.Text(
        least=43, most=43, metadata={"description": "`next` of the page before."}
    )
    limit = fields.Integer(least=1, most=MOST_EVENTS, load_default=100)


class RenewalOut(Schema):
    """A consent that ends soon."""

    subject = fields.Text(required=True)
    external_ids = fields.Items(fields.Text(), required=True)
    purpose = fields.Text(required=True)
    channel = fields.Text(allow_none=True, required=True)
    decision = fields.Text(required=True)
    notice_version = fields.Text(allow_none=True, required=True)
    since = fields.Instant(required=True)
    expires_at = fields.Instant(required=True)


class RenewalsOut(Schema):
    """A page of renewals; it may hold fewer than asked for, or none, and still have a next."""

    renewals = fields.Items(fields.Part(RenewalOut), most=MOST_EVENTS, required=True)
    next = fields.Text(allow_none=True, required=True)
