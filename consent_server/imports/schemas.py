"""Shapes: what an import is asked, and what became of it."""

from __future__ import annotations

from typing import Final

from ..web import Schema, fields
from .decode import CHARSETS
from .rules.presets import PRESETS

MOST_JOBS: Final = 50
_NAME: Final = "[a-z0-9]+(?:[._-][a-z0-9]+)*"


class ImportAsked(Schema):
    """How a file is to be read, and what holds for every row that does not say otherwise."""

    dry_run = fields.Flag(
        load_default=True,
        metadata={"description": "Only say what would happen; `false` does it."},
    )
    preset = fields.Choice(
        tuple(PRESETS), metadata={"description": "Whose export it is (docs/importing.md)."}
    )
    map = fields.Text(
        least=1,
        most=2000,
        metadata={
            "description": "A saved mapping's name, or pairs: `email=Adresse,phone=Mobile`."
        },
    )
    save_map = fields.Text(
        least=1,
        most=60,
        pattern=_NAME,
        metadata={"description": "Save the pairs by this name."},
    )
    header = fields.Text(
        least=1, most=2000, metadata={"description": "The columns of a file that names none."}
    )
    purposes = fields.Text(
        least=1,
        most=2000,
        metadata={
            "description": "Of a banner's cookie, which service is which purpose: "
            "`youtube=video,gtag=analytics`; `-` leaves one out."
        },
    )
    zone = fields.Text(
        least=1, most=60, metadata={"description": "Of times that name none: `Europe/Paris`."}
    )
    charset = fields.Choice(CHARSETS)
    relationship = fields.Text(least=1, most=60)
    capacity = fields.Text(least=1, most=20)
    country = fields.Text(least=2, most=2)
    informed_at = fields.Text(least=1, most=40)
    on_behalf_of = fields.Text(least=1, most=200)
    source = fields.Text(least=1, most=200)
    actor = fields.Text(least=1, most=200)
    purpose = fields.Text(least=1, most=500)
    answer = fields.Choice(("granted", "refused"))
    decided_at = fields.Text(least=1, most=40)
    notice_version = fields.Text(least=1, most=40)
    evidence = fields.Text(least=1, most=2000)
    assertion = fields.Choice(("asserted", "evidenced"))


class ReasonOut(Schema):
    """Why some rows were refused, and where a few of them stand."""

    code = fields.Text(required=True)
    means = fields.Text(required=True)
    rows = fields.Integer(required=True)
    lines = fields.Items(fields.Integer(), required=True)


class UnreadOut(Schema):
    """A column that nothing is read from, and which of ours it resembles."""

    column = fields.Text(required=True)
    like = fields.Text(allow_none=True, required=True)


class ImportOut(Schema):
    """An import as it stands."""

    id = fields.Text(required=True, metadata={"description": "`job_…`"})
    state = fields.Choice(("waiting", "running", "done", "failed"), required=True)
    because = fields.Text(allow_none=True, required=True)
    dry_run = fields.Flag(required=True)
    created_at = fields.Instant(required=True)
    finished_at = fields.Instant(allow_none=True, required=True)
    # Of both passes over the file, 0 to 1.
    progress = fields.Anything(required=True)
    rows = fields.Integer(required=True)
    new = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    refused = fields.Integer(required=True)
    reasons = fields.Items(fields.Part(ReasonOut), required=True)
    # Of NDJSON, the members of the first line.
    unread = fields.Items(fields.Part(UnreadOut), required=True)
    errors = fields.Text(allow_none=True, required=True)


class MappingOut(Schema):
    """A saved mapping: our column, theirs."""

    name = fields.Text(required=True)
    columns = fields.Table(fields.Text(), fields.Text(), required=True)


class ImportsOut(Schema):
    """The latest imports, and the mappings that were saved."""

    imports = fields.Items(fields.Part(ImportOut), most=MOST_JOBS, required=True)
    maps = fields.Items(fields.Part(MappingOut), required=True)
