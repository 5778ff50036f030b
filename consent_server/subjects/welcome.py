"""Welcoming many: the subjects of identifiers that nobody holds, made column by column."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..ids import new_ids
from .identifiers import CROSSED, crossed_forms
from .resolve import NEW_CROSSED, NEW_IDENTIFIER, NEW_SUBJECT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..db import Transaction
    from ..keyring import OrganisationKeys


class Newcomer(NamedTuple):
    """An identifier that nobody holds, as it is matched, written to, and found."""

    kind: str
    match: str
    display: str
    hash: bytes
    recorded_at: int


def welcome_many(
    tx: Transaction, keys: OrganisationKeys, new: Sequence[Newcomer]
) -> tuple[list[int], list[int]]:
    """Make the subject of each, as `welcome` makes one; gives subjects and identifiers."""
    if not new:
        return [], []
    subjects, identifiers = new_ids(len(new)), new_ids(len(new))
    kinds, _, displays, hashes, moments = (list(each) for each in zip(*new, strict=True))
    own = {"organisation_id": keys.organisation, "recorded_at": moments}
    tx.write_columns(NEW_SUBJECT, {**own, "id": subjects, "person_id": subjects})
    tx.write_columns(
        NEW_IDENTIFIER,
        {
            **own,
            "id": identifiers,
            "subject_id": subjects,
            "kind": kinds,
            "hash": hashes,
            "key_version": keys.index_version,
            "sealed": keys.seal_many(map(str.encode, displays), "identifier", identifiers),
            "shared": 0,
            "bare": 1,
        },
    )
    _cross(tx, keys, new, identifiers)
    return subjects, identifiers


def _cross(
    tx: Transaction, keys: OrganisationKeys, new: Sequence[Newcomer], identifiers: list[int]
) -> None:
    hashed = keys.hasher(CROSSED)
    crossed = [
        (hashed(form), identifier)
        for one, identifier in zip(new, identifiers, strict=True)
        for form in crossed_forms(one.kind, one.match, one.display)
    ]
    if crossed:
        hashes, holders = (list(each) for each in zip(*crossed, strict=True))
        tx.write_columns(
            NEW_CROSSED,
            {
                "organisation_id": keys.organisation,
                "hash": hashes,
                "identifier_id": holders,
            },
        )
