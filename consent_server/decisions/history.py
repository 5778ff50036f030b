"""The facts of choice, read back: what a person said, in the order recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..db import Sql, Transaction, as_json
from .meet import Step
from .rules import EVIDENCED, No, Said, Yes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_COLUMNS: Final = (
    "id, subject_id, identifier_id, through, recorded_at, decided_at, received_at, assertion,"
    " choices, notice_id, number, version_id"
)
_OF_SUBJECT: Final = Sql(
    f"""
    SELECT {_COLUMNS} FROM decision
    WHERE organisation_id = :organisation AND subject_id = :subject AND recorded_at <= :at
    ORDER BY recorded_at, id
    """
)
_CHAIN: Final = Sql(
    "SELECT id, previous_id, recorded_at FROM decision"
    " WHERE organisation_id = :organisation AND id = :id"
)
_SINCE: Final = Sql(
    """
    SELECT id, identifier_id, through, choices, recorded_at FROM decision
    WHERE organisation_id = :organisation AND recorded_at >= :since AND subject_id IN (
        SELECT id FROM subject WHERE organisation_id = :organisation AND person_id = :person)
    """
)
# Purpose, decision, no, identifiers.
NoSaid = tuple[int, int, No, frozenset[int]]
FAR_FUTURE: Final = (1 << 62) - 1
# A browser's chain is as long as its visitor's choices; beyond this only time counts.
_LONGEST_CHAIN: Final = 64


def of_subject(
    tx: Transaction, organisation: int, subject: int, *, at: int = FAR_FUTURE
) -> dict[int, list[Said]]:
    """Tell what one subject said about each purpose, by the moment given."""
    values = {"organisation": organisation, "subject": subject, "at": at}
    return told(tx.run(_OF_SUBJECT, values))


def told(raws: Sequence[Sequence[Any]]) -> dict[int, list[Said]]:
    """Turn raw decisions, in the order recorded, into what was said of each purpose."""
    said: dict[int, list[Said]] = {}
    for raw in raws:
        for purpose, choice in as_json(raw[8]).items():
            said.setdefault(int(purpose), []).append(_said(raw, choice))
    return said


def _said(raw: Sequence[Any], choice: Mapping[str, Any]) -> Said:
    through = as_json(raw[3]) if raw[3] else [raw[2]]
    answer: Yes | No | None = None
    if choice["answer"] == "yes":
        answer = Yes(
            decision=raw[0],
            given_at=min(raw[5], raw[6]),
            recorded_at=raw[4],
            assertion=raw[7],
            enough=bool(choice["enough"]),
            expires_at=choice["expires_at"],
            notice=raw[9],
            number=raw[10],
            version=raw[11],
            names=frozenset(choice.get("names", ())),
        )
    elif choice["answer"] == "no":
        answer = No(decision=raw[0], recorded_at=raw[4], state=choice["named"])
    return Said(
        subject=raw[1],
        # A yes said while signed in opens what it names, not the device (choosing.py).
        identifiers=tuple(choice.get("opens", through)),
        recorded_at=raw[4],
        answer=answer,
        stated_at=min(raw[5], raw[6]),
        evidenced=raw[7] == EVIDENCED,
    )


def chain(
    tx: Transaction, organisation: int, step: Step | None, given_at: int
) -> frozenset[int]:
    """Follow a decision back; keep what a yes given then would not outlive by time alone."""
    names: set[int] = set()
    while step is not None and len(names) < _LONGEST_CHAIN:
        # What it followed was recorded before it: once time alone is enough, it stays so.
        if step.recorded_at < given_at:
            break
        names.add(step.id)
        if step.previous is None:
            break
        rows = tx.run(_CHAIN, {"organisation": organisation, "id": step.previous})
        step = Step(*rows[0]) if rows else None
    return frozenset(names)


def noes_since(tx: Transaction, organisation: int, person: int, since: int) -> Iterator[NoSaid]:
    """Give every no of a person recorded at or after a moment, with where it was said.

    The standing keeps only the last one.
    """
    values = {"organisation": organisation, "person": person, "since": since}
    for number, identifier, through, choices, recorded_at in tx.run(_SINCE, values):
        places = frozenset(as_json(through) if through else [identifier])
        for purpose, choice in as_json(choices).items():
            if choice["answer"] == "no":
                no = No(decision=number, recorded_at=recorded_at, state=choice["named"])
                yield int(purpose), number, no, places
