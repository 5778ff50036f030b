"""Shapes: what people ask of their own data, and what systems ask in their name."""

from __future__ import annotations

from ..decisions.schemas import MADE_BY_BROWSER, ReceiptOut
from ..subjects.naming_schemas import PersonIn
from ..web import Schema, fields


class RecordAsked(Schema):
    """What a visitor asks of their own record (`POST /v1/sites/<site>/record`)."""

    visitor = fields.Text(
        required=True,
        pattern=MADE_BY_BROWSER,
        least=22,
        most=64,
        metadata={"description": "The secret of the visitor's cookie; it opens the record."},
    )
    do = fields.Choice(
        ("show", "export", "erase"),
        required=True,
        metadata={"description": "`show` the latest, `export` all, or `erase` all for good."},
    )


class OwnDecision(ReceiptOut):
    """One decision of the visitor, as its receipt says it."""

    receipt_url = fields.Text(required=True)


class RecordOut(Schema):
    """What this site, and those that share its choices, know of a visitor."""

    sites = fields.Items(fields.Text(), required=True)
    as_of = fields.Instant(required=True)
    offers = fields.Items(
        fields.Text(),
        required=True,
        metadata={"description": "What may be asked here: `show`, `export`, `erase`."},
    )
    total = fields.Integer(required=True)
    decisions = fields.Items(fields.Part(OwnDecision), required=True)
    erased = fields.Flag(metadata={"description": "After `erase`: nothing is left."})


class ErasedSubject(PersonIn):
    """Who is to be erased: one or more identifiers of one person."""


class Erase(Schema):
    """Erase a person (`POST /v1/subjects/erase`)."""

    subject = fields.Part(ErasedSubject, required=True)
    reason = fields.Text(
        least=1,
        most=500,
        required=True,
        metadata={"description": "Why, in words that name nobody: it is kept."},
    )
    suppress = fields.Flag(
        metadata={
            "description": "Unless `false`, an all-marketing suppression stays for each "
            "e-mail, phone and external id. What the person said no to stays said in any case."
        }
    )


class ErasureOut(Schema):
    """What was erased, and what stays."""

    erasure = fields.Text(
        required=True,
        allow_none=True,
        metadata={"description": "`ers_…`; null if nobody was there and nothing was added."},
    )
    erased = fields.Flag(required=True)
    subjects = fields.Items(fields.Text(), required=True)
    suppressions = fields.Integer(
        required=True, metadata={"description": "How many were added."}
    )
    vaulted = fields.Integer(
        required=True,
        metadata={
            "description": "How many decisions' proofs live on in the vault, without an"
            " identifier, because a purpose's `proof_period` has not ended."
        },
    )
    vaulted_until = fields.Instant(required=True, allow_none=True)
