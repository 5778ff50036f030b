"""Shapes: what a campaign asks for, and its clearance."""

from __future__ import annotations

from typing import Final

from ...web import Schema, fields
from ..schemas import CHANNELS
from ..values import Because
from .csv_format import DELIMITERS
from .rows import KINDS

MOST_JOBS: Final = 50


class ListQuery(Schema):
    """One purpose, or a family and a channel; which lines come back; how a file is laid out."""

    purpose = fields.Text(least=1, most=100, required=True)
    channel = fields.Choice(CHANNELS)
    only = fields.Choice(("allowed", "denied"))  # type: ignore[assignment] # the library's own word
    # How a table is laid out, where its header does not say it.
    delimiter = fields.Choice(tuple(DELIMITERS))
    identifier = fields.Choice(KINDS)
    column = fields.Text(least=1, most=200)


class BulkQuery(ListQuery):
    """A list that is answered at once."""

    # Answer while the question is still being sent, instead of after it.
    duplex = fields.Flag(load_default=False)


class SnapshotIn(Schema):
    """Who may be written to for one purpose, for how many seconds."""

    purpose = fields.Text(least=1, most=100, required=True)
    channel = fields.Choice(CHANNELS)
    max_age = fields.Integer(least=60, most=24 * 3600, load_default=3600)


class JobOut(Schema):
    """A list that was left: how far its answer has come, and where it is."""

    id = fields.Text(required=True)
    state = fields.Choice(("waiting", "running", "done", "failed"), required=True)
    # Why it failed.
    because = fields.Text(allow_none=True, required=True)
    purpose = fields.Text(required=True)
    channel = fields.Text(allow_none=True, required=True)
    only = fields.Text(allow_none=True, required=True)  # type: ignore[assignment] # as in ListQuery
    created_at = fields.Instant(required=True)
    finished_at = fields.Instant(allow_none=True, required=True)
    # When its answer is deleted; the question goes as soon as it is answered.
    delete_at = fields.Instant(allow_none=True, required=True)
    # Of the question's bytes, from 0 to 1.
    progress = fields.Anything(required=True)
    asked = fields.Integer(required=True)
    counts = fields.Table(fields.Choice(tuple(Because)), fields.Integer(), required=True)
    clearance = fields.Text(allow_none=True, required=True)
    result = fields.Text(allow_none=True, required=True)


class JobsOut(Schema):
    """The latest lists that were left."""

    jobs = fields.Items(fields.Part(JobOut), most=MOST_JOBS, required=True)


class ClearanceOut(Schema):
    """The signed proof that a campaign asked."""

    v = fields.Integer(required=True)
    kind = fields.Text(required=True)
    organisation = fields.Text(required=True)
    id = fields.Text(required=True)
    recorded_at = fields.Instant(required=True)
    purpose = fields.Text(required=True)
    channel = fields.Text(allow_none=True, required=True)
    actor = fields.Text(required=True)
    asked = fields.Integer(required=True)
    # How many lines were answered with each reason.
    counts = fields.Table(fields.Choice(tuple(Because)), fields.Integer(), required=True)
    # Of the uncompressed bytes, in hexadecimal; the answer without its clearance line.
    question_sha256 = fields.Text(required=True)
    answer_sha256 = fields.Text(required=True)
    as_of_first = fields.Instant(required=True)
    as_of_last = fields.Instant(required=True)
    max_age = fields.Integer(required=True)
    # The log's head when the last line was answered.
    checkpoint = fields.Text(allow_none=True, required=True, most=20_000)
    # All of it, signed: a compact JWS under the key of /.well-known/jwks.json.
    signature = fields.Text(required=True, most=100_000)
