"""Shapes: what a form sends, and the one answer it gets."""

from __future__ import annotations

from ...web import Schema, fields

MOST_PURPOSES = 50


class NewSubscription(Schema):
    """What somebody asks for (`POST /v1/sites/<site>/subscriptions`)."""

    email = fields.Text(least=3, most=320, required=True)
    # By slug or id.
    purposes = fields.Items(
        fields.Text(least=1, most=100), least=1, most=MOST_PURPOSES, required=True
    )
    # The words that the form shows.
    notice_version = fields.PublicId("ntv", required=True)
    language = fields.Text(pattern="[a-z]{2}", required=True)
    # The browser's own id, where the page knows it.
    visitor = fields.Text(least=22, most=64, pattern="[A-Za-z0-9_-]+")


class Accepted(Schema):
    """The same for every address, known or not."""

    accepted = fields.Flag(required=True)
