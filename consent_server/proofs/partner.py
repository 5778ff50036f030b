"""A tracker's proofs: whoever said yes or no to what it serves, under words that named it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .. import ledger, notices
from ..db import Sql, as_json
from ..ids import parse, public
from ..organisations import Scope, keys_of
from ..web import current

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..db import Transaction
    from ..organisations import Caller

# Looked through for a page, whatever is found: one page never costs more.
_MOST_LOOKED_AT: Final = 2000
# In the order in which the log announced them, which an index knows.
_PLACE: Final = Sql(
    "SELECT first_seq FROM ledger_entry"
    " WHERE organisation_id = :organisation AND record_id = :decision"
)
_FOLLOWING: Final = Sql(
    """
    SELECT d.id, d.version_id, d.choices
    FROM ledger_entry e
    JOIN decision d ON d.organisation_id = e.organisation_id AND d.id = e.record_id
    WHERE e.organisation_id = :organisation AND d.organisation_id = :organisation
      AND e.first_seq > :after AND d.version_id IS NOT NULL
    ORDER BY e.first_seq LIMIT :most
    """
)


@dataclass(frozen=True, kw_only=True)
class Page:
    """Proofs, and where the next page begins."""

    tracker: str
    proofs: Sequence[Mapping[str, object]]
    last: int | None

    def as_json(self) -> dict[str, Any]:
        """Write it as the contract has it."""
        return {
            "proofs": [dict(each) for each in self.proofs],
            "next": public("dec", self.last) if self.last else None,
        }


def proofs_of(
    tx: Transaction, known: Caller, tracker: str, *, after: int | None, most: int
) -> Page | None:
    """Give a page of a tracker's proofs; None for a tracker that is not the caller's.

    They name nobody: no opening is ever among them.
    """
    slug = _slug(tx, known, tracker)
    if slug is None:
        return None
    signer = ledger.LogSigner.of(current.settings(), current.keyring())
    keys = keys_of(known.organisation, tx)
    proofs: list[Mapping[str, object]] = []
    last = after
    for decision, concerned in _following(tx, known.organisation, slug, after):
        if concerned:
            if len(proofs) == most:
                break
            proofs.append(
                ledger.prove(
                    tx,
                    organisation=known.organisation,
                    record_id=decision,
                    keys=keys,
                    signer=signer,
                    opening=False,
                )
            )
        last = decision
    return Page(tracker=slug, proofs=proofs, last=last)


def _slug(tx: Transaction, known: Caller, tracker: str) -> str | None:
    """Find the tracker by slug or id, if the caller may ask about it."""
    number = parse("trk", tracker)
    for each in notices.configuration(tx, known.organisation).trackers:
        if each["slug"] == tracker or (number is not None and each["id"] == number):
            slug = str(each["slug"])
            # Whoever may fetch every proof may fetch these.
            mine = slug in known.trackers or Scope.PROOFS in known.scopes
            return slug if mine else None
    return None


def _following(
    tx: Transaction, organisation: int, slug: str, after: int | None
) -> Iterator[tuple[int, bool]]:
    """Give the decisions that follow, and whether each concerns the tracker."""
    place = 0
    if after is not None:
        rows = tx.run(_PLACE, {"organisation": organisation, "decision": after})
        if not rows:
            return
        place = rows[0][0]
    values = {"organisation": organisation, "after": place, "most": _MOST_LOOKED_AT}
    served: dict[int, frozenset[str]] = {}
    for decision, version, choices in tx.run(_FOLLOWING, values):
        if version not in served:
            served[version] = _served(tx, organisation, version, slug)
        yield decision, not served[version].isdisjoint(as_json(choices))


def _served(tx: Transaction, organisation: int, version: int, slug: str) -> frozenset[str]:
    """Name the purposes that a tracker served under a version, as choices name them."""
    shown = notices.version(tx, organisation, version)
    asked = shown.body["purposes"] if shown else ()
    return frozenset(
        str(parse("pur", each["id"])) for each in asked if slug in each["trackers"]
    )
