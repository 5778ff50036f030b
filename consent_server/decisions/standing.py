"""The standing rows: read for a person, written beside the decision they follow from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..db import Insert, Sql, Transaction, as_json, to_json
from .models import Standing
from .rules import No, Row, Yes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

COLUMNS: Final = (
    "subject_id, identifier_id, purpose_id, yes_id, yes_given_at, yes_recorded_at,"
    " yes_expires_at, yes_notice_id, yes_number, yes_assertion, yes_enough, yes_names,"
    " no_id, no_recorded_at, no_state, yes_version_id"
)
# Where a raw row has its purpose.
PURPOSE: Final = 2
_OF_PERSON: Final = Sql(
    f"SELECT {COLUMNS} FROM standing WHERE organisation_id = :organisation AND subject_id IN"
    " (SELECT id FROM subject WHERE organisation_id = :organisation AND person_id = :person)"
)
_PERSON: Final = Sql(
    "SELECT person_id FROM subject WHERE organisation_id = :organisation AND id = :subject"
)
_OF_SUBJECT: Final = Sql(
    f"SELECT {COLUMNS} FROM standing"
    " WHERE organisation_id = :organisation AND subject_id = :subject"
    " ORDER BY purpose_id, identifier_id"
)
_ST: Final = ", ".join(f"st.{name.strip()}" for name in COLUMNS.split(","))
_OF_PEOPLE: Final = f"""
    SELECT s.id, {_ST} FROM subject s
    JOIN subject p ON p.organisation_id = s.organisation_id AND p.person_id = s.person_id
    JOIN standing st ON st.organisation_id = p.organisation_id AND st.subject_id = p.id
    WHERE s.organisation_id = :organisation AND s.id IN ({{subjects}})
"""
_EACH: Final = Sql(
    _OF_PEOPLE.format(subjects="SELECT value FROM json_each(:subjects)"),
    _OF_PEOPLE.format(
        subjects="SELECT value::bigint FROM jsonb_array_elements_text(:subjects::jsonb)"
    ),
)
# In one order, as everybody locks them; on SQLite a write has the database to itself.
_LOCK_EACH: Final = Sql(
    "SELECT 1",
    """
    SELECT pg_advisory_xact_lock(person_id) FROM (
        SELECT DISTINCT person_id FROM subject WHERE organisation_id = :organisation
          AND id IN (SELECT value::bigint FROM jsonb_array_elements_text(:subjects::jsonb))
        ORDER BY person_id) p
    """,
)
_WRITTEN: Final = tuple(
    column.name for column in Standing.__table__.columns if not column.primary_key
)
_UPSERT: Final = Insert(
    Standing.__table__,
    or_else="ON CONFLICT (organisation_id, subject_id, purpose_id, identifier_id)"
    f" DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _WRITTEN)}",
)
# Of somebody who has no rows yet: nothing need be looked for.
_FIRST: Final = Insert(Standing.__table__)

_TUPLE: Final = (
    "subject_id", "purpose_id", "identifier_id",
    "yes_id", "yes_given_at", "yes_recorded_at", "yes_expires_at",
    "yes_notice_id", "yes_number", "yes_version_id", "yes_assertion", "yes_enough", "yes_names",
    "no_id", "no_recorded_at", "no_state",
)  # fmt: skip

Rows = dict[int, list[Row]]


def of_person(tx: Transaction, organisation: int, subject: int, person: int) -> Rows:
    """Read every row of a subject's person, by purpose, once nobody else is writing them.

    `person` is whose the subject was when it was found. A link may have moved it since: read
    by the old one its rows would be missing, and a no in them overwritten.
    """
    while True:
        asked = [
            (_PERSON, {"organisation": organisation, "subject": subject}),
            (_OF_PERSON, {"organisation": organisation, "person": person}),
        ]
        ((now,),), rows = tx.lock_and_run(person, asked)
        if now == person:
            return by_purpose(rows)
        person = now


def of_subject(tx: Transaction, organisation: int, subject: int) -> Rows:
    """Read every row of one subject, by purpose."""
    return by_purpose(tx.run(_OF_SUBJECT, {"organisation": organisation, "subject": subject}))


def lock_people(tx: Transaction, organisation: int, subjects: Iterable[int]) -> None:
    """Let nobody else write of these subjects' persons until `tx` ends."""
    values = {"organisation": organisation, "subjects": to_json(sorted(subjects))}
    tx.run(_LOCK_EACH, values)


def of_people(tx: Transaction, organisation: int, subjects: Iterable[int]) -> dict[int, Rows]:
    """Read every row of each subject's person, by subject and purpose."""
    values = {"organisation": organisation, "subjects": to_json(sorted(subjects))}
    people: dict[int, Rows] = {}
    for subject, *raw in tx.run(_EACH, values):
        rows = people.setdefault(subject, {})
        rows.setdefault(raw[2], []).append(read_row(raw))
    return people


def by_purpose(found: Iterable[Sequence[Any]]) -> Rows:
    """Sort raw rows by purpose."""
    rows: Rows = {}
    for raw in found:
        rows.setdefault(raw[PURPOSE], []).append(read_row(raw))
    return rows


def read_row(raw: Sequence[Any]) -> Row:
    """Read one raw row, in the order of `COLUMNS`."""
    yes = no = None
    if raw[3] is not None:
        yes = Yes(
            decision=raw[3],
            given_at=raw[4],
            recorded_at=raw[5],
            expires_at=raw[6],
            notice=raw[7],
            number=raw[8],
            version=raw[15],
            assertion=raw[9],
            enough=bool(raw[10]),
            names=frozenset(as_json(raw[11])) if raw[11] else frozenset(),
        )
    if raw[12] is not None:
        no = No(decision=raw[12], recorded_at=raw[13], state=raw[14])
    return Row(subject=raw[0], identifier=raw[1], yes=yes, no=no)


def keep(rows: Rows, written: Sequence[tuple[int, Row]]) -> None:
    """Put rows that were written in the place of those they replace."""
    for purpose, row in written:
        several = rows.setdefault(purpose, [])
        place = (row.subject, row.identifier)
        several[:] = [each for each in several if (each.subject, each.identifier) != place]
        several.append(row)


def copied(rows: Rows) -> Rows:
    """Copy rows, so that what is let into one is not seen in the other."""
    return {purpose: list(several) for purpose, several in rows.items()}


def noes(rows: Rows) -> Iterator[No]:
    """Give every no of a person's rows."""
    return (row.no for several in rows.values() for row in several if row.no is not None)


def write_rows(tx: Transaction, organisation: int, rows: Sequence[tuple[int, Row]]) -> None:
    """Write rows, each with its purpose, in the transaction of their decision."""
    for purpose, row in rows:
        tx.later(_UPSERT, _values(organisation, purpose, row))


def write_raw(tx: Transaction, row: Mapping[str, Any], *, first: bool) -> None:
    """Write one row, given by the names of its columns; `first`, of somebody just made."""
    tx.later(_FIRST if first else _UPSERT, row)


def write_tuples(
    tx: Transaction, organisation: int, rows: Sequence[tuple[Any, ...]], *, first: bool
) -> None:
    """Write many rows, each as `as_tuple` has it; `first`, of people just made."""
    if not rows:
        return
    columns = {
        name: list(each) for name, each in zip(_TUPLE, zip(*rows, strict=True), strict=True)
    }
    tx.write_columns(_FIRST if first else _UPSERT, {**columns, "organisation_id": organisation})


def as_tuple(purpose: int, row: Row) -> tuple[Any, ...]:
    """Write a row in the order that `write_tuples` takes."""
    values = _values(0, purpose, row)
    return tuple([values[name] for name in _TUPLE])


def _values(organisation: int, purpose: int, row: Row) -> dict[str, Any]:
    yes, no = row.yes, row.no
    return {
        "organisation_id": organisation,
        "subject_id": row.subject,
        "identifier_id": row.identifier,
        "purpose_id": purpose,
        "yes_id": yes.decision if yes else None,
        "yes_given_at": yes.given_at if yes else None,
        "yes_recorded_at": yes.recorded_at if yes else None,
        "yes_expires_at": yes.expires_at if yes else None,
        "yes_notice_id": yes.notice if yes else None,
        "yes_number": yes.number if yes else None,
        "yes_version_id": yes.version if yes else None,
        "yes_assertion": yes.assertion if yes else None,
        "yes_enough": int(yes.enough) if yes else None,
        "yes_names": to_json(sorted(yes.names)) if yes and yes.names else None,
        "no_id": no.decision if no else None,
        "no_recorded_at": no.recorded_at if no else None,
        "no_state": no.state if no else None,
    }
