"""The catalogue: purposes and trackers with their ids, as whole dated revisions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..clock import to_micros
from ..db import Sql, as_json
from ..ids import new_id
from .models import CatalogueRevision

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ..db import Transaction

_LATEST: Final = Sql(
    "SELECT number, recorded_at, body FROM catalogue_revision"
    " WHERE organisation_id = :organisation ORDER BY number DESC LIMIT 1"
)
_AS_OF: Final = Sql(
    "SELECT number, recorded_at, body FROM catalogue_revision"
    " WHERE organisation_id = :organisation AND recorded_at <= :at"
    " ORDER BY number DESC LIMIT 1"
)


@dataclass(frozen=True)
class Catalogue:
    """The purposes and trackers of one revision; each with the id it has for good."""

    number: int
    body: Mapping[str, Any]

    @property
    def purposes(self) -> Sequence[Mapping[str, Any]]:
        """The purposes in the order they are declared."""
        found: Sequence[Mapping[str, Any]] = self.body.get("purposes", ())
        return found

    @property
    def trackers(self) -> Sequence[Mapping[str, Any]]:
        """The trackers in the order they are declared."""
        found: Sequence[Mapping[str, Any]] = self.body.get("trackers", ())
        return found

    def purpose(self, slug: str) -> Mapping[str, Any]:
        """Give a purpose that is known to be there."""
        return next(item for item in self.purposes if item["slug"] == slug)

    def declared(self) -> dict[str, Any]:
        """Give the purposes and trackers as the organisation's file says them."""
        return {
            section: [
                {name: value for name, value in item.items() if name != "id"}
                for item in self.body.get(section, ())
            ]
            for section in _SECTIONS
        }


_SECTIONS: Final = ("purposes", "trackers")
EMPTY: Final = Catalogue(0, {})


def catalogue(tx: Transaction, organisation: int, *, at: int | None = None) -> Catalogue:
    """Give the catalogue in force now, or at a past moment; empty if there is none."""
    if at is None:
        rows = tx.run(_LATEST, {"organisation": organisation})
    else:
        rows = tx.run(_AS_OF, {"organisation": organisation, "at": at})
    return Catalogue(int(rows[0][0]), as_json(rows[0][2])) if rows else EMPTY


def revise(
    tx: Transaction,
    organisation: int,
    document: Mapping[str, Any],
    *,
    actor: str,
    now: datetime,
) -> Catalogue | None:
    """Add a revision if purposes or trackers differ; gives it, or None."""
    before = catalogue(tx, organisation)
    if before.number and before.declared() == {
        section: document[section] for section in _SECTIONS
    }:
        return None
    body = _numbered(before, document)
    number = before.number + 1
    tx.session.add(
        CatalogueRevision(
            organisation_id=organisation,
            number=number,
            recorded_at=to_micros(now),
            actor=actor,
            body=body,
        )
    )
    tx.session.flush()
    return Catalogue(number, body)


def _numbered(before: Catalogue, document: Mapping[str, Any]) -> dict[str, Any]:
    # A slug once given an id keeps it, even if it was gone for a while: decisions name
    # the id, and a purpose that comes back must not come back as somebody else.
    known = {
        section: dict(before.body.get("known", {}).get(section, {})) for section in _SECTIONS
    }
    body: dict[str, Any] = {"known": known}
    for section in _SECTIONS:
        for item in document[section]:
            known[section].setdefault(item["slug"], new_id())
        body[section] = [
            {"id": known[section][item["slug"]], **item} for item in document[section]
        ]
    return body
