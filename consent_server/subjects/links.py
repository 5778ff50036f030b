"""Links: dated, sourced, reversible; who is one person follows from the open ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..db import Sql, Transaction, to_json
from ..ids import new_id
from ..problems import FieldError, NotFound, Unprocessable
from .prove import prove_link
from .touched import touch

if TYPE_CHECKING:
    from ..keyring import OrganisationKeys
    from .facts import Told

SEALED_TABLE: Final = "link"

_INSERT: Final = Sql(
    """
    INSERT INTO link (organisation_id, id, first_subject_id, second_subject_id, sealed,
                      recorded_at)
    VALUES (:organisation, :id, :first, :second, :sealed, :now)
    """
)
_CLOSE: Final = Sql(
    "UPDATE link SET closed_at = :now, closing_id = :closing"
    " WHERE organisation_id = :organisation AND id = :id AND closed_at IS NULL"
)
_ONE: Final = Sql(
    "SELECT first_subject_id, second_subject_id FROM link"
    " WHERE organisation_id = :organisation AND id = :id AND closed_at IS NULL"
)
_OPEN: Final = Sql(
    """
    SELECT first_subject_id, second_subject_id FROM link
    WHERE organisation_id = :organisation AND closed_at IS NULL
      AND (first_subject_id = :subject OR second_subject_id = :subject)
    """
)
_OPEN_AT: Final = Sql(
    """
    SELECT first_subject_id, second_subject_id FROM link
    WHERE organisation_id = :organisation AND recorded_at <= :at
      AND (closed_at IS NULL OR closed_at > :at)
      AND (first_subject_id = :subject OR second_subject_id = :subject)
    """
)
_PERSON: Final = Sql(
    "SELECT person_id FROM subject WHERE organisation_id = :organisation AND id = :subject"
)
_SET_PERSON: Final = Sql(
    "UPDATE subject SET person_id = :person"
    " WHERE organisation_id = :organisation AND id = :subject"
)


_BETWEEN: Final = Sql(
    """
    SELECT id FROM link
    WHERE organisation_id = :organisation AND closed_at IS NULL
      AND ((first_subject_id = :first AND second_subject_id = :second)
        OR (first_subject_id = :second AND second_subject_id = :first))
    """
)


def link(
    tx: Transaction,
    keys: OrganisationKeys,
    first: int,
    second: int,
    *,
    told: Told,
    now: int,
) -> int:
    """Record that two subjects are one; raises `NotFound` if either is not ours.

    Said again, it is the same link: whoever claims it at every log-in makes one.
    """
    if first == second:
        raise Unprocessable(
            "a subject is itself already",
            errors=[FieldError("/subjects", "name two different subjects")],
        )
    _one_at_a_time(tx, keys.organisation)
    pair = {"organisation": keys.organisation, "first": first, "second": second}
    for (known,) in tx.run(_BETWEEN, pair):
        return int(known)
    _wait_for_decisions(tx, keys.organisation, first, second)
    number = new_id()
    text = to_json({"source": told.source, "actor": told.actor})
    tx.run(
        _INSERT,
        {
            "organisation": keys.organisation,
            "id": number,
            "first": first,
            "second": second,
            "sealed": keys.seal(text.encode(), SEALED_TABLE, number),
            "now": now,
        },
    )
    settle(tx, keys.organisation, first)
    prove_link(
        tx,
        keys,
        record=number,
        link=number,
        event="subject.linked",
        pair=(first, second),
        now=now,
    )
    return number


def unlink(
    tx: Transaction, keys: OrganisationKeys, number: int, *, now: int
) -> tuple[int, int]:
    """Close a link and give its two subjects; both keep their histories."""
    organisation = keys.organisation
    _one_at_a_time(tx, organisation)
    rows = tx.run(_ONE, {"organisation": organisation, "id": number})
    if not rows:
        raise NotFound
    first, second = rows[0]
    _wait_for_decisions(tx, organisation, first, second)
    closing = new_id()
    tx.run(_CLOSE, {"organisation": organisation, "id": number, "now": now, "closing": closing})
    settle(tx, organisation, first)
    settle(tx, organisation, second)
    prove_link(
        tx,
        keys,
        record=closing,
        link=number,
        event="subject.unlinked",
        pair=(first, second),
        now=now,
    )
    return first, second


def same_person(
    tx: Transaction, organisation: int, subject: int, *, at: int | None = None
) -> set[int]:
    """Gather the subjects that open links make one person, now or as of a moment."""
    found, waiting = {subject}, [subject]
    while waiting:
        values = {"organisation": organisation, "subject": waiting.pop()}
        pairs = tx.run(_OPEN, values) if at is None else tx.run(_OPEN_AT, {**values, "at": at})
        near = {each for pair in pairs for each in pair}
        waiting += near - found
        found |= near
    return found


def _one_at_a_time(tx: Transaction, organisation: int) -> None:
    # Who is one person follows from every open link: two writers who do not see each
    # other's would leave three subjects as two people, and a no would miss one of them.
    tx.lock_and_run(organisation, [])


def _wait_for_decisions(tx: Transaction, organisation: int, *subjects: int) -> None:
    # A decision holds its person while it is written (decisions.standing): two decisions
    # of one subject must not each hold another person, or one would overwrite the other.
    persons: set[int] = set()
    for subject in subjects:
        rows = tx.run(_PERSON, {"organisation": organisation, "subject": subject})
        if not rows:
            raise NotFound
        persons.add(rows[0][0])
    for person in sorted(persons):
        tx.lock_and_run(person, [])


def settle(tx: Transaction, organisation: int, subject: int) -> None:
    """Write down, for everyone whom open links join to a subject, that they are one person."""
    together = same_person(tx, organisation, subject)
    touch(tx, organisation, together)
    for each in together:
        tx.run(
            _SET_PERSON,
            {"organisation": organisation, "subject": each, "person": min(together)},
        )
