"""What the room's door takes and answers."""

from __future__ import annotations

from typing import Final

from ..decisions.schemas import ProofOut
from ..web import Schema, fields

MOST_PER_PAGE: Final = 100


class PartnerAsked(Schema):
    """Which page of a tracker's proofs."""

    after = fields.PublicId("dec", metadata={"description": "`next` of the page before."})
    limit = fields.Integer(least=1, most=MOST_PER_PAGE, load_default=20)


class PartnerProofs(Schema):
    """A page of proofs, in the order of the log."""

    proofs = fields.Items(fields.Part(ProofOut), required=True)
    next = fields.Text(
        required=True,
        allow_none=True,
        metadata={
            "description": "The `after` to send next, also when a page is empty: others may"
            " have chosen about other trackers. The same as sent at the end."
        },
    )
