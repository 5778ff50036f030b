"""Shapes: what an export is asked."""

from __future__ import annotations

from ..web import Schema, fields


class ExportAsked(Schema):
    """Which rows, and in which form."""

    since = fields.Instant(metadata={"description": "What was recorded from then on."})
    until = fields.Instant(metadata={"description": "What was recorded before; now, else."})
    purpose = fields.Text(least=1, most=100, metadata={"description": "A purpose's slug."})
    identifiers = fields.Flag(
        load_default=True,
        metadata={"description": "`false`: people by their opaque ids alone."},
    )
    format = fields.Choice(("csv", "ndjson"), load_default="csv")
