"""Erasing what somebody chose: all of it, or what came through one identifier alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..db import Sql, as_json, to_json
from . import history, standing
from .rules import Row, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..db import Transaction
    from ..notices.values import Configuration

_DECISIONS: Final = Sql(
    "DELETE FROM decision WHERE organisation_id = :organisation AND subject_id = :subject"
    " RETURNING id, choices"
)
_STANDING: Final = Sql(
    "DELETE FROM standing WHERE organisation_id = :organisation AND subject_id = :subject"
)
_END: Final = Sql(
    "DELETE FROM standing_end WHERE organisation_id = :organisation AND ends_at = :moment"
    " AND subject_id = :subject"
)
_LAPSES: Final = Sql(
    "DELETE FROM lapse WHERE organisation_id = :organisation AND subject_id = :subject"
)
_LAPSES_OF: Final = Sql(
    "DELETE FROM lapse WHERE organisation_id = :organisation AND subject_id = :subject"
    " AND yes_id = :id"
)
_THROUGH: Final = Sql(
    "SELECT id, identifier_id, through, choices FROM decision"
    " WHERE organisation_id = :organisation AND subject_id = :subject"
)
_ONE: Final = Sql("DELETE FROM decision WHERE organisation_id = :organisation AND id = :id")
_WITHOUT: Final = Sql(
    "UPDATE decision SET identifier_id = :first, through = :through"
    " WHERE organisation_id = :organisation AND id = :id"
)


def erase_decisions(tx: Transaction, organisation: int, subjects: Iterable[int]) -> list[int]:
    """Delete what subjects chose and how they stand; gives the numbers of the records."""
    records: list[int] = []
    for subject in subjects:
        values = {"organisation": organisation, "subject": subject}
        for number, choices in tx.run(_DECISIONS, values):
            records.append(number)
            _forget_ends(tx, values, choices)
        tx.run(_STANDING, values)
        tx.run(_LAPSES, values)
    return records


def erase_choices(
    tx: Transaction, configuration: Configuration, subject: int, identifier: int
) -> list[int]:
    """Delete what a subject chose through one identifier alone; gives the records' numbers.

    What was said through others as well stays, and says it through those.
    """
    organisation = configuration.organisation
    values = {"organisation": organisation, "subject": subject}
    gone: list[int] = []
    for number, first, through, choices in tx.run(_THROUGH, values):
        places = as_json(through) if through else [first]
        if identifier in places:
            others = [each for each in places if each != identifier]
            _leave_out(tx, organisation, number, others)
            if not others:
                tx.run(_LAPSES_OF, {**values, "id": number})
                _forget_ends(tx, values, choices)
                gone.append(number)
    _fold_again(tx, configuration, subject)
    return gone


def erase_claim(
    tx: Transaction, configuration: Configuration, subject: int, claim: int
) -> bool:
    """Delete what nobody ever confirmed; tells whether the subject has said nothing else."""
    organisation = configuration.organisation
    tx.run(_ONE, {"organisation": organisation, "id": claim})
    _fold_again(tx, configuration, subject)
    return not tx.run(_THROUGH, {"organisation": organisation, "subject": subject})


def _forget_ends(tx: Transaction, values: dict[str, int], choices: Any) -> None:
    # Every moment that was ever written down is one that a decision says.
    said = {choice["expires_at"] for choice in as_json(choices).values()} - {None}
    tx.run_many(_END, [{**values, "moment": moment} for moment in sorted(said)])


def _leave_out(tx: Transaction, organisation: int, number: int, others: Sequence[int]) -> None:
    values: dict[str, Any] = {"organisation": organisation, "id": number}
    if not others:
        tx.run(_ONE, values)
        return
    through = to_json(list(others)) if len(others) > 1 else None
    tx.run(_WITHOUT, {**values, "first": others[0], "through": through})


def _fold_again(tx: Transaction, configuration: Configuration, subject: int) -> None:
    organisation = configuration.organisation
    rows: list[tuple[int, Row]] = []
    for purpose, said in history.of_subject(tx, organisation, subject).items():
        declared = configuration.purposes.get(purpose)
        alone = declared is not None and declared.kind == "tracker"
        rows += [(purpose, row) for row in fold(said, alone=alone).values()]
    if rows:
        standing.write(tx, organisation, subject, standing.whole(rows))
    else:
        tx.run(_STANDING, {"organisation": organisation, "subject": subject})
