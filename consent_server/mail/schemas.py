"""Shapes: the server mail leaves by, and the queue."""

from __future__ import annotations

from ..web import Schema, fields
from .server import Security


class NewServer(Schema):
    """An SMTP server (`POST /v1/mail/server`); the password is kept sealed, never shown."""

    host = fields.Text(least=1, most=253, required=True)
    port = fields.Integer(least=1, most=65535, required=True)
    security = fields.Choice([each.value for each in Security], required=True)
    username = fields.Text(least=1, most=200)
    password = fields.Text(least=1, most=500)
    # Where reports of undelivered mail go, if not to the sender's own address.
    return_path = fields.Text(least=3, most=320)


class ServerOut(Schema):
    """The server in force; `host` is null while messages become files."""

    id = fields.Text(allow_none=True)
    host = fields.Text(allow_none=True, required=True)
    port = fields.Integer(allow_none=True)
    security = fields.Text(allow_none=True)
    username = fields.Text(allow_none=True)
    password = fields.Flag(required=True)
    return_path = fields.Text(allow_none=True)
    recorded_at = fields.Instant(allow_none=True)
    # The deployment's, for whoever names none of their own.
    shared = fields.Flag()


class MessagesQuery(Schema):
    """How many of the latest."""

    limit = fields.Integer(least=1, most=500, load_default=100)


class MessageOut(Schema):
    """A message: what it was, and what became of it; not to whom."""

    id = fields.Text(required=True)
    template = fields.Text(required=True)
    language = fields.Text(required=True)
    state = fields.Text(required=True)
    tries = fields.Integer(required=True)
    recorded_at = fields.Instant(required=True)
    next_try_at = fields.Instant(allow_none=True)
    finished_at = fields.Instant(allow_none=True)
    outcome = fields.Text(allow_none=True)


class MessagesOut(Schema):
    """The latest messages, newest first."""

    messages = fields.Items(fields.Part(MessageOut), required=True)
