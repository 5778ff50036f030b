"""Shapes: a sandbox that was made, and nothing at all."""

from __future__ import annotations

from ..web import Schema, fields


class Nothing(Schema):
    """An empty object: there is nothing to say."""


class SandboxMade(Schema):
    """A sandbox, and a key to it, shown this once."""

    organisation = fields.Text(required=True, metadata={"description": "`org_…`"})
    slug = fields.Text(required=True)
    created = fields.Flag(required=True, metadata={"description": "False: it was there."})
    key = fields.Text(required=True, metadata={"description": "`cs_test_…`, shown once."})
    key_id = fields.Text(required=True)
