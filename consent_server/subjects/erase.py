"""Erasing subjects: their identifiers, what is known of them, whom they were linked with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..db import Sql
from .links import link, same_person, settle

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..db import Transaction
    from ..keyring import OrganisationKeys
    from .facts import Told

CROSSED: Final = Sql(
    """
    DELETE FROM crossed_hash WHERE organisation_id = :organisation AND identifier_id IN (
        SELECT id FROM identifier
        WHERE organisation_id = :organisation AND subject_id = :subject)
    """
)
CROSSED_OF: Final = Sql(
    "DELETE FROM crossed_hash"
    " WHERE organisation_id = :organisation AND identifier_id = :identifier"
)
_IDENTIFIERS: Final = Sql(
    "DELETE FROM identifier WHERE organisation_id = :organisation AND subject_id = :subject"
    " RETURNING id"
)
_IDENTIFIER: Final = Sql(
    "DELETE FROM identifier WHERE organisation_id = :organisation AND id = :identifier"
)
_FACTS: Final = Sql(
    "DELETE FROM subject_fact WHERE organisation_id = :organisation AND subject_id = :subject"
    " RETURNING id"
)
_LINKS: Final = Sql(
    """
    DELETE FROM link WHERE organisation_id = :organisation
      AND (first_subject_id = :subject OR second_subject_id = :subject)
    RETURNING id, closing_id
    """
)
_TOUCHED: Final = Sql(
    "DELETE FROM subject_touched WHERE organisation_id = :organisation"
    " AND subject_id = :subject"
)
# Each identifier, fact and link counts one.
_MUCH: Final = Sql(
    """
    SELECT (SELECT COUNT(*) FROM identifier
              WHERE organisation_id = :organisation AND subject_id = :subject)
         + (SELECT COUNT(*) FROM subject_fact
              WHERE organisation_id = :organisation AND subject_id = :subject)
         + (SELECT COUNT(*) FROM link WHERE organisation_id = :organisation
              AND (first_subject_id = :subject OR second_subject_id = :subject))
    """
)
_SUBJECT: Final = Sql(
    "DELETE FROM subject WHERE organisation_id = :organisation AND id = :subject"
)


def erase_subjects(tx: Transaction, organisation: int, subjects: Iterable[int]) -> list[int]:
    """Delete subjects and all that hangs on them; gives the numbers of their records.

    Whoever was linked with one of them must be erased too, or be settled by `part_from`.
    """
    records: list[int] = []
    for subject in subjects:
        values = {"organisation": organisation, "subject": subject}
        tx.run(CROSSED, values)
        for statement in (_IDENTIFIERS, _FACTS, _LINKS):
            records += [each for row in tx.run(statement, values) for each in row if each]
        tx.run(_SUBJECT, values)
        tx.run(_TOUCHED, values)
        records.append(subject)
    return records


def is_bare(tx: Transaction, organisation: int, subject: int) -> bool:
    """Tell whether nothing is known of a subject but one identifier."""
    ((much,),) = tx.run(_MUCH, {"organisation": organisation, "subject": subject})
    return int(much) == 1


def erase_identifier(tx: Transaction, organisation: int, identifier: int) -> list[int]:
    """Delete one identifier of a subject that stays; gives the numbers of its records."""
    values = {"organisation": organisation, "identifier": identifier}
    tx.run(CROSSED_OF, values)
    tx.run(_IDENTIFIER, values)
    return [identifier]


def part_from(
    tx: Transaction,
    keys: OrganisationKeys,
    subject: int,
    *,
    told: Told,
    now: int,
) -> list[int]:
    """Erase one subject out of a person; the others stay one person, as they were.

    If only this one held them together, they are linked with each other instead: a no of
    one of them must go on acting on all.
    """
    organisation = keys.organisation
    others = same_person(tx, organisation, subject) - {subject}
    records = erase_subjects(tx, organisation, [subject])
    joined: set[int] = set()
    for each in sorted(others):
        if each in joined:
            continue
        settle(tx, organisation, each)
        if joined:
            link(tx, keys, min(joined), each, told=told, now=now)
        joined |= same_person(tx, organisation, each)
    return records
