"""Whose names an export carries: identifiers opened, by subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..db import Sql

if TYPE_CHECKING:
    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from .wanted import Wanted

_IDENTIFIERS: Final = Sql(
    """
    SELECT i.subject_id, i.id, i.kind, i.sealed
    FROM json_each(:subjects) k
    CROSS JOIN identifier i ON i.organisation_id = :organisation AND i.subject_id = k.value
    WHERE i.closed_at IS NULL ORDER BY i.recorded_at, i.id
    """,
    """
    SELECT subject_id, id, kind, sealed FROM identifier
    WHERE organisation_id = :organisation AND subject_id = ANY(:subjects)
      AND closed_at IS NULL
    ORDER BY recorded_at, id
    """,
)


def names_of(
    tx: Transaction, keys: OrganisationKeys, wanted: Wanted, subjects: set[int]
) -> dict[int, dict[int, tuple[str, str]]]:
    """Open the identifiers of subjects, by subject and identifier; none if none are wanted."""
    if not wanted.identifiers:
        return {}
    names: dict[int, dict[int, tuple[str, str]]] = {}
    values = {"organisation": keys.organisation, "subjects": tx.several(sorted(subjects))}
    for subject, number, kind, sealed in tx.run(_IDENTIFIERS, values):
        text = keys.unseal(bytes(sealed), "identifier", number).decode()
        names.setdefault(subject, {})[number] = (kind, text)
    return names


def by_kind(held: Any) -> dict[str, str]:
    """Write identifiers into the columns of their kinds."""
    # Several of one kind: with spaces between, as a person would write them.
    found: dict[str, list[str]] = {}
    for kind, text in held:
        found.setdefault(kind, []).append(text)
    return {kind: " ".join(texts) for kind, texts in found.items()}
