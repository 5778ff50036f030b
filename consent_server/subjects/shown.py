"""A person, shown to those who may see her: identifiers, facts, links, suppressions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ..clock import rfc3339_micros
from ..db import Sql, as_json
from ..ids import public
from ..keyring import CannotOpen
from .holdings import holdings, subjects_of
from .links import SEALED_TABLE
from .suppress import scope_said, target_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from ..notices.values import Configuration
    from .resolve import Held

_FACTS: Final = Sql(
    """
    SELECT id, kind, body, sealed, since, until, informed_at, recorded_at, closed_at
    FROM subject_fact
    WHERE organisation_id = :organisation AND subject_id = :subject
    ORDER BY recorded_at, id
    """
)
_LINKS: Final = """
    SELECT id, first_subject_id, second_subject_id, sealed, recorded_at, closed_at FROM link
    WHERE organisation_id = :organisation
"""
_LINKS_OF: Final = Sql(
    f"{_LINKS} AND (first_subject_id = :subject OR second_subject_id = :subject)"
    " ORDER BY recorded_at, id"
)
_LINK: Final = Sql(f"{_LINKS} AND id = :id")
_SUPPRESSED: Final = Sql(
    """
    SELECT id, scope, reason, recorded_at FROM suppression
    WHERE organisation_id = :organisation AND hash = :hash AND closed_at IS NULL
    ORDER BY recorded_at, id
    """
)


def person_shown(
    tx: Transaction, keys: OrganisationKeys, configuration: Configuration, held: Held
) -> dict[str, Any]:
    """Show everything that is known of whoever holds an identifier, over all links."""
    organisation = keys.organisation
    subjects = subjects_of(tx, organisation, held.person)
    own = holdings(tx, keys, subjects)
    return {
        "subject": public("sub", held.subject),
        "subjects": [public("sub", each) for each in subjects],
        "identifiers": [
            {
                "kind": each.given.kind,
                "value": each.given.display,
                "subject": public("sub", each.subject),
                "shared": each.shared,
            }
            for each in own
        ],
        "facts": [fact for each in subjects for fact in _facts(tx, keys, each)],
        "links": links_of(tx, keys, subjects),
        "suppressions": _suppressions(tx, keys, configuration, own),
    }


def links_of(
    tx: Transaction, keys: OrganisationKeys, subjects: Iterable[int]
) -> list[dict[str, Any]]:
    """Show the links of subjects, those undone too, each once, oldest first."""
    rows = [
        row
        for each in subjects
        for row in tx.run(_LINKS_OF, {"organisation": keys.organisation, "subject": each})
    ]
    once = {row[0]: row for row in rows}
    return [_link(keys, row) for row in sorted(once.values(), key=lambda row: (row[4], row[0]))]


def link_shown(tx: Transaction, keys: OrganisationKeys, number: int) -> dict[str, Any] | None:
    """Show one link, in force or undone."""
    rows = tx.run(_LINK, {"organisation": keys.organisation, "id": number})
    return _link(keys, rows[0]) if rows else None


def _link(keys: OrganisationKeys, row: Sequence[Any]) -> dict[str, Any]:
    number, first, second, sealed, recorded_at, closed_at = row
    told = _opened(keys, sealed, SEALED_TABLE, number)
    return {
        "link": public("lnk", number),
        "subjects": [public("sub", first), public("sub", second)],
        "source": told.get("source"),
        "actor": told.get("actor"),
        "recorded_at": rfc3339_micros(recorded_at),
        "undone_at": _moment(closed_at),
    }


def _facts(tx: Transaction, keys: OrganisationKeys, subject: int) -> list[dict[str, Any]]:
    rows = tx.run(_FACTS, {"organisation": keys.organisation, "subject": subject})
    return [_fact(keys, subject, row) for row in rows]


def _fact(keys: OrganisationKeys, subject: int, row: Sequence[Any]) -> dict[str, Any]:
    number, kind, body, sealed, *moments = row
    names = ("since", "until", "informed_at", "recorded_at", "closed_at")
    return {
        "kind": kind,
        "subject": public("sub", subject),
        "says": as_json(body),
        **_opened(keys, sealed, "subject_fact", number),
        **{name: _moment(each) for name, each in zip(names, moments, strict=True)},
    }


def _suppressions(
    tx: Transaction, keys: OrganisationKeys, configuration: Configuration, own: Sequence[Held]
) -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for held in own:
        for hashed in target_of(keys, held).hashes:
            values = {"organisation": keys.organisation, "hash": hashed}
            for number, scope, reason, recorded_at in tx.run(_SUPPRESSED, values):
                found[number] = {
                    "id": public("sup", number),
                    "kind": held.given.kind,
                    "scope": scope_said(scope, configuration),
                    "reason": reason,
                    "recorded_at": rfc3339_micros(recorded_at),
                }
    return list(found.values())


def _opened(
    keys: OrganisationKeys, sealed: bytes | None, table: str, number: int
) -> dict[str, Any]:
    if sealed is None:
        return {}
    try:
        told: dict[str, Any] = json.loads(keys.unseal(bytes(sealed), table, number))
    except CannotOpen:
        return {}
    return told


def _moment(micros: int | None) -> str | None:
    return None if micros is None else rfc3339_micros(micros)
