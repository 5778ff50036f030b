"""Whose a person's identifiers are, opened again for those who may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..db import Sql
from ..keyring import CannotOpen
from ..problems import IdentifiersDisagree
from .identifiers import NotAnIdentifier, identify
from .resolve import Held, Resolved, choose, find

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from .identifiers import Identified

_OF_SUBJECT: Final = Sql(
    """
    SELECT i.id, i.kind, i.sealed, i.shared, s.person_id FROM identifier i
    JOIN subject s ON s.organisation_id = i.organisation_id AND s.id = i.subject_id
    WHERE i.organisation_id = :organisation AND i.subject_id = :subject
      AND i.closed_at IS NULL
    ORDER BY i.recorded_at, i.id
    """
)
_SUBJECT: Final = Sql(
    "SELECT 1 FROM subject WHERE organisation_id = :organisation AND id = :subject"
)
_PERSON_NOW: Final = Sql(
    "SELECT person_id FROM subject WHERE organisation_id = :organisation AND id = :subject"
)
_PERSON: Final = Sql(
    "SELECT id FROM subject WHERE organisation_id = :organisation AND person_id = :person"
    " ORDER BY id"
)


def meant(tx: Transaction, keys: OrganisationKeys, given: Sequence[Identified]) -> Held | None:
    """Tell who is meant, making nobody; None for somebody unknown.

    Raises `IdentifiersDisagree` when it is two people, or several who share what is given.
    """
    held = [find(tx, keys, one, keys.organisation) for one in given]
    chosen = choose(tx, given, held, keys.organisation)
    if chosen is None and any(held):
        raise IdentifiersDisagree(
            "several people share this identifier: name one of them by another one"
        )
    return chosen


def subjects_of(tx: Transaction, organisation: int, person: int) -> list[int]:
    """List the subjects that are one person."""
    rows = tx.run(_PERSON, {"organisation": organisation, "person": person})
    return [subject for (subject,) in rows]


def account_of(tx: Transaction, keys: OrganisationKeys, device: Resolved) -> list[Resolved]:
    """Give the account that is signed in on a device, subject by subject; none if nobody is.

    An account is what a person has beside her devices: addresses and ids that nobody shares.
    """
    values = {"organisation": keys.organisation, "subject": device.subject}
    # A link may have moved the device since it was found.
    ((person,),) = tx.run(_PERSON_NOW, values)
    subjects = subjects_of(tx, keys.organisation, person)
    own = [
        held
        for held in holdings(tx, keys, subjects)
        if held.given.kind != "visitor" and not held.shared
    ]
    return [
        Resolved(subject, person, mine, created=False)
        for subject in subjects
        if (mine := tuple(held for held in own if held.subject == subject))
    ]


def exists(tx: Transaction, organisation: int, subject: int) -> bool:
    """Tell whether there is such a subject."""
    return bool(tx.run(_SUBJECT, {"organisation": organisation, "subject": subject}))


def holdings(tx: Transaction, keys: OrganisationKeys, subjects: Iterable[int]) -> list[Held]:
    """Open the identifiers of subjects; one whose cell is damaged is left out."""
    found: list[Held] = []
    for subject in subjects:
        values = {"organisation": keys.organisation, "subject": subject}
        for number, kind, sealed, shared, person in tx.run(_OF_SUBJECT, values):
            try:
                display = keys.unseal(bytes(sealed), "identifier", number).decode()
                given = identify(kind, display, region="", shared=bool(shared))
            except (CannotOpen, NotAnIdentifier):
                continue
            found.append(Held(number, subject, person, bool(shared), given))
    return found
