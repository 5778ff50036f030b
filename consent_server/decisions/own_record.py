"""A visitor's own record: every answer given on a site, for whoever holds the visitor id.

The id is a secret of 128 random bits that only the visitor's browser keeps (design.md §7);
it travels in a body, never in an address, and is told to nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..clock import rfc3339
from ..db import Sql, read
from ..organisations import keys_of, sites_of
from ..subjects import find
from ..web import current
from .receipt import READING, Receipt, built
from .receipts import receipt_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..db import Transaction
    from ..organisations import SiteInForce
    from ..subjects import Identified

# An export holds everything; what is shown on a page is what a page can hold.
SHOWN: Final = 50
OFFERS: Final = ("show", "export", "erase")
# Only what was said in a banner, through this very id: a subject may have other identifiers,
# whose decisions the holder of this one has not proved to be theirs.
_OWN: Final = Sql(
    f"{READING} AND d.subject_id = :subject AND d.identifier_id = :identifier"
    " AND d.door = 'banner' ORDER BY d.recorded_at DESC, d.id DESC"
)
_SITE: Final = 9


def own_record(site: SiteInForce, visitor: Identified, *, whole: bool) -> dict[str, Any]:
    """Tell a visitor what they decided on this site and those that share its choices."""
    with read(site.organisation) as tx:
        sharing = {
            each.id: each.name
            for each in sites_of(tx, site.organisation)
            if each.scope == site.scope
        }
        rows = _rows(tx, site.organisation, visitor)
        own = [row for row in rows if row[_SITE] in sharing]
        told = own if whole else own[:SHOWN]
        decisions = [_said(_receipt(tx, site.organisation, row)) for row in told]
    return {
        "sites": list(sharing.values()),
        "as_of": rfc3339(current.now()),
        "offers": list(OFFERS),
        "total": len(own),
        "decisions": decisions,
    }


def _rows(tx: Transaction, organisation: int, visitor: Identified) -> list[Sequence[Any]]:
    held = find(tx, keys_of(organisation, tx), visitor, organisation)
    return [
        row
        for each in held
        for row in tx.run(
            _OWN,
            {"organisation": organisation, "subject": each.subject, "identifier": each.id},
        )
    ]


def _receipt(tx: Transaction, organisation: int, row: Sequence[Any]) -> Receipt:
    name = receipt_name(current.keyring().derive("receipts"), organisation, row[0])
    return built(tx, organisation, row, name)


def _said(receipt: Receipt) -> dict[str, Any]:
    url = f"{current.settings().base_url}/v1/receipts/{receipt.name}"
    return {**receipt.as_json(), "receipt_url": url}
