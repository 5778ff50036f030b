"""The standing of people: read for a person, written whole beside the decision it follows from.

A subject's rows lie in one body (packed.py), so whoever writes one of them writes all. None is
lost by that: a body is made only of what was read of the subject since its person was locked
(`of_person`, meet.py, imports/known.py), or of somebody whom the same transaction made, and
everybody who writes locks first; an erasure is alone in its organisation (`db.write`). On
SQLite a write transaction has the database to itself. Within one transaction whoever comes
second reads again (meet.py), or goes on from what the first one wrote (`keep`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..db import Insert, Sql, Transaction, to_json
from .ends import ends_of
from .models import Standing, StandingEnd
from .packed import pack, unpack
from .rules import No, Row

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

_OF_PERSON: Final = Sql(
    "SELECT subject_id, body FROM standing WHERE organisation_id = :organisation"
    " AND subject_id IN (SELECT id FROM subject"
    " WHERE organisation_id = :organisation AND person_id = :person)"
)
_PERSON: Final = Sql(
    "SELECT person_id FROM subject WHERE organisation_id = :organisation AND id = :subject"
)
_OF_SUBJECT: Final = Sql(
    "SELECT subject_id, body FROM standing"
    " WHERE organisation_id = :organisation AND subject_id = :subject"
)
_OF_PEOPLE: Final = """
    SELECT s.id, st.subject_id, st.body FROM subject s
    JOIN subject p ON p.organisation_id = s.organisation_id AND p.person_id = s.person_id
    JOIN standing st ON st.organisation_id = p.organisation_id AND st.subject_id = p.id
    WHERE s.organisation_id = :organisation AND s.id IN ({subjects})
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
_ANEW: Final = "DO UPDATE SET body = excluded.body, ends_at = excluded.ends_at"
_UPSERT: Final = Insert(
    Standing.__table__,
    or_else=f"ON CONFLICT (organisation_id, subject_id) {_ANEW}",
    # By the number alone; that of somebody else's subject is refused, not overwritten.
    or_else_sqlite=f"ON CONFLICT (subject_id) {_ANEW}, organisation_id = CASE"
    " WHEN organisation_id = excluded.organisation_id THEN organisation_id END",
    last=True,
)
# Of somebody who has no rows yet: nothing need be looked for.
_FIRST: Final = Insert(Standing.__table__)
_ENDS: Final = Insert(StandingEnd.__table__, or_else="ON CONFLICT DO NOTHING")

Rows = dict[int, list[Row]]
# A subject, and its body: bytes, or hexadecimal where it came in JSON.
Raw = tuple[int, Any]


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
        ((now,),), found = tx.lock_and_run(person, asked)
        if now == person:
            return by_purpose(found)
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
        add(people.setdefault(subject, {}), raw)
    return people


def by_purpose(found: Iterable[Sequence[Any]]) -> Rows:
    """Read bodies, and sort their rows by purpose."""
    rows: Rows = {}
    for raw in found:
        add(rows, raw)
    return rows


def add(rows: Rows, raw: Sequence[Any]) -> None:
    """Put the rows of one more subject beside those there are."""
    for purpose, row in read(raw):
        rows.setdefault(purpose, []).append(row)


def read(raw: Sequence[Any], purpose: int | None = None) -> list[tuple[int, Row]]:
    """Read a subject's rows, each with its purpose: all of them, or those of one purpose."""
    subject, body = raw
    return unpack(bytes.fromhex(body) if isinstance(body, str) else body, subject, purpose)


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


def own(rows: Rows, subject: int) -> Iterator[tuple[int, Row]]:
    """Give a subject's own of its person's rows, each with its purpose."""
    for purpose, several in rows.items():
        for row in several:
            if row.subject == subject:
                yield purpose, row


def part(
    rows: Rows, held: tuple[int, int], asked: Container[int]
) -> tuple[dict[int, Row], list[tuple[int, Row]]] | None:
    """Part the rows of a person's subject: those of the purposes asked, and its others.

    None if one of the first is hers under another identifier, or of somebody linked to her:
    `held` is the subject and the identifier.
    """
    mine: dict[int, Row] = {}
    others: list[tuple[int, Row]] = []
    for purpose, several in rows.items():
        for row in several:
            if purpose not in asked:
                if row.subject == held[0]:
                    others.append((purpose, row))
            elif (row.subject, row.identifier) == held:
                mine[purpose] = row
            else:
                return None
    return mine, others


class Whole(NamedTuple):
    """All that stands for a subject, packed, and when its yeses end, in order."""

    body: bytes
    ends: Sequence[int]


def whole(rows: Sequence[tuple[int, Row]]) -> Whole:
    """Pack rows of a subject."""
    return Whole(pack(rows), ends_of(rows))


def write(
    tx: Transaction, organisation: int, subject: int, stood: Whole, *, first: bool = False
) -> None:
    """Write every row of a subject, in the transaction of the decision that wrote some of them.

    `first`, of somebody just made.
    """
    place = {"organisation_id": organisation, "subject_id": subject}
    own = {**place, "ends_at": stood.ends[0] if stood.ends else None, "body": stood.body}
    tx.later(_FIRST if first else _UPSERT, own)
    for moment in stood.ends[1:]:
        tx.later(_ENDS, {**place, "ends_at": moment})


def write_many(
    tx: Transaction,
    organisation: int,
    subjects: list[int],
    several: Sequence[Whole],
    *,
    first: bool,
) -> None:
    """Write every row of many subjects, of each in its place; `first`, of people just made."""
    if not subjects:
        return
    tx.write_columns(
        _FIRST if first else _UPSERT,
        {
            "organisation_id": organisation,
            "subject_id": subjects,
            "ends_at": [each.ends[0] if each.ends else None for each in several],
            "body": [each.body for each in several],
        },
    )
    others = [
        (moment, subject)
        for subject, each in zip(subjects, several, strict=True)
        for moment in each.ends[1:]
    ]
    if others:
        moments, of = map(list, zip(*others, strict=True))
        tx.write_columns(
            _ENDS, {"organisation_id": organisation, "ends_at": moments, "subject_id": of}
        )
