"""The trail: what an explanation tells beside the facts that the answer needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .. import notices
from ..db import Sql
from ..subjects import same_person
from .steps import Trail

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..db import Transaction
    from .gather import Gathered
    from .values import Facts

_DOOR: Final = Sql(
    "SELECT door, surface FROM decision WHERE organisation_id = :organisation AND id = :id"
)
_LINKS: Final = Sql(
    """
    SELECT id, recorded_at FROM link
    WHERE organisation_id = :organisation AND recorded_at <= :at
      AND (closed_at IS NULL OR closed_at > :at) AND first_subject_id = :subject
    ORDER BY recorded_at, id
    """
)


def follow(
    tx: Transaction, organisation: int, found: Gathered, facts: Facts, *, at: int
) -> Trail:
    """Read what is told of the decisions, words and links behind an answer."""
    answers = [row.yes or row.no for row in facts.rows] + [row.no for row in facts.rows]
    decisions = {each.decision for each in answers if each is not None}
    versions = {row.yes.version for row in facts.rows if row.yes and row.yes.version}
    return Trail(
        doors=dict(_doors(tx, organisation, decisions)),
        versions=dict(_versions(tx, organisation, versions)),
        links=_links(tx, organisation, found.subjects, at),
    )


def _doors(
    tx: Transaction, organisation: int, decisions: Iterable[int]
) -> Iterable[tuple[int, str]]:
    for number in sorted(decisions):
        for door, surface in tx.run(_DOOR, {"organisation": organisation, "id": number}):
            yield number, surface or door


def _versions(
    tx: Transaction, organisation: int, versions: Iterable[int]
) -> Iterable[tuple[int, tuple[int, dict[str, str]]]]:
    for number in sorted(versions):
        version = notices.version(tx, organisation, number)
        if version is not None:
            words = version.body.get("words", {})
            titles = {language: words[language]["title"] for language in words}
            yield number, (version.number, titles)


def _links(
    tx: Transaction, organisation: int, subjects: Iterable[int], at: int
) -> list[tuple[int, int]]:
    everyone = {
        each for subject in subjects for each in same_person(tx, organisation, subject, at=at)
    }
    return [
        (number, since)
        for subject in sorted(everyone)
        for number, since in tx.run(
            _LINKS, {"organisation": organisation, "subject": subject, "at": at}
        )
    ]
