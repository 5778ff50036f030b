"""What is known of the people of a batch: read at once, and nobody else may write of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ..db import Sql, Transaction, as_json
from ..decisions import standing as stood
from ..subjects import Held, read_fact
from ..subjects.found import find_many

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..db import Asked
    from ..subjects import Identified
    from ..subjects.found import Found

# Each value is looked up by itself, as in subjects/found.py, whatever a planner knows.
# In one order, so that two batches do not lock crosswise.
_LOCK: Final = Sql(
    "SELECT 1 WHERE :persons IS NULL",
    "SELECT count(pg_advisory_xact_lock(p)) FROM"
    " (SELECT p FROM unnest(:persons) p ORDER BY p OFFSET 0) persons",
)
_STANDING: Final = Sql(
    """
    SELECT s.person_id, st.subject_id, st.body
    FROM json_each(:persons) k
    CROSS JOIN subject s ON s.organisation_id = :organisation AND s.person_id = k.value
    CROSS JOIN standing st ON st.organisation_id = :organisation AND st.subject_id = s.id
    """,
    """
    SELECT s.person_id, st.subject_id, st.body
    FROM unnest(:persons::bigint[]) k, LATERAL (
        SELECT id, person_id FROM subject
        WHERE organisation_id = :organisation AND person_id = k OFFSET 0) s, LATERAL (
        SELECT subject_id, body FROM standing
        WHERE organisation_id = :organisation AND subject_id = s.id OFFSET 0) st
    """,
)
_FACTS: Final = Sql(
    """
    SELECT f.id, f.kind, f.body, f.since, f.until, f.informed_at, f.subject_id
    FROM json_each(:subjects) k
    CROSS JOIN subject_fact f
        ON f.organisation_id = :organisation AND f.subject_id = k.value
    WHERE f.closed_at IS NULL
    """,
    """
    SELECT f.* FROM unnest(:subjects::bigint[]) k, LATERAL (
        SELECT id, kind, body, since, until, informed_at, subject_id FROM subject_fact
        WHERE organisation_id = :organisation AND subject_id = k AND closed_at IS NULL
        OFFSET 0) f
    """,
)
_SUPPRESSED: Final = Sql(
    """
    SELECT x.hash, x.scope, x.lifted FROM json_each(:hashes) k
    CROSS JOIN suppression x ON x.organisation_id = :organisation AND x.hash = unhex(k.value)
    WHERE x.closed_at IS NULL
    """,
    """
    SELECT x.hash, x.scope, x.lifted FROM unnest(:hashes::bytea[]) k, LATERAL (
        SELECT hash, scope, lifted FROM suppression
        WHERE organisation_id = :organisation AND hash = k AND closed_at IS NULL OFFSET 0) x
    """,
)
# Through whichever of their identifiers they were suppressed.
_SUPPRESSED_PERSONS: Final = Sql(
    """
    SELECT s.person_id, x.scope, x.lifted
    FROM json_each(:persons) k
    CROSS JOIN subject s ON s.organisation_id = :organisation AND s.person_id = k.value
    CROSS JOIN identifier i ON i.organisation_id = :organisation AND i.subject_id = s.id
        AND i.closed_at IS NULL
    CROSS JOIN suppression x ON x.organisation_id = :organisation AND x.hash = i.hash
    WHERE x.closed_at IS NULL
    """,
    """
    SELECT s.person_id, x.scope, x.lifted FROM unnest(:persons::bigint[]) k, LATERAL (
        SELECT id, person_id FROM subject
        WHERE organisation_id = :organisation AND person_id = k OFFSET 0) s, LATERAL (
        SELECT hash FROM identifier WHERE organisation_id = :organisation
        AND subject_id = s.id AND closed_at IS NULL OFFSET 0) i, LATERAL (
        SELECT scope, lifted FROM suppression
        WHERE organisation_id = :organisation AND hash = i.hash AND closed_at IS NULL
        OFFSET 0) x
    """,
)
_MARKED: Final = Sql(
    """
    SELECT d.client_id FROM json_each(:marks) k
    CROSS JOIN decision d ON d.organisation_id = :organisation AND d.site_id IS NULL
        AND d.client_id = k.value
    """,
    """
    SELECT d.client_id FROM unnest(:marks::text[]) k, LATERAL (
        SELECT client_id FROM decision WHERE organisation_id = :organisation
        AND site_id IS NULL AND client_id = k OFFSET 0) d
    """,
)
# Whether anything is known of people who are taken for strangers; PostgreSQL's alone, since
# SQLite works while we wait. Closed identifiers count as well: a mark of a plain row is that of
# a decision made through this address alone, which is erased with it, so where there is no
# identifier, there is no mark.
STRANGERS: Final = Sql(
    "",
    """
    SELECT EXISTS (SELECT 1 FROM unnest(:hashes::bytea[]) k, LATERAL (
            SELECT 1 FROM identifier
            WHERE organisation_id = :organisation AND hash = k OFFSET 0) i)
        OR EXISTS (SELECT 1 FROM unnest(:hashes::bytea[]) k, LATERAL (
            SELECT 1 FROM suppression
            WHERE organisation_id = :organisation AND hash = k AND closed_at IS NULL
            OFFSET 0) x)
    """,
)
Suppressions = list[tuple[str, frozenset[int]]]


@dataclass
class KnownPeople:
    """Everything a batch needs to know; kept up to date while its rows are recorded."""

    # (kind, hash) -> who holds it.
    holding: dict[tuple[str, bytes], list[tuple[int, int, int, bool]]] = field(
        default_factory=dict
    )
    # Who holds it, once one of the batch's rows has asked or made it.
    held: dict[tuple[str, str], list[Held]] = field(default_factory=dict)
    rows: dict[int, stood.Rows] = field(default_factory=dict)
    facts: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    suppressed: dict[bytes, Suppressions] = field(default_factory=dict)
    suppressed_persons: dict[int, Suppressions] = field(default_factory=dict)
    # Marks of rows that were carried over before.
    marks: set[str] = field(default_factory=set)

    def holders(self, given: Identified, hashes: Iterable[bytes]) -> list[Held]:
        """Tell who holds an identifier."""
        place = (given.kind, given.match)
        found = self.held.get(place)
        if found is None:
            found = self.held[place] = [
                Held(number, subject, person, shared, given)
                for each in hashes
                for number, subject, person, shared in self.holding.get((given.kind, each), ())
            ]
        return found

    def learn(self, held: Iterable[Held]) -> None:
        """Keep what was found or made of identifiers."""
        for each in held:
            place = (each.given.kind, each.given.match)
            others = [one for one in self.held.get(place, []) if one.id != each.id]
            self.held[place] = [*others, each]


def know(
    tx: Transaction,
    organisation: int,
    *,
    hashes: Sequence[bytes],
    marks: Sequence[str],
    with_facts: bool,
    lock: bool = True,
) -> KnownPeople:
    """Read what is known of everybody a batch names, once nobody else is writing of them."""
    ask = _Asker(tx, organisation)
    found = find_many(tx, organisation, hashes)
    persons: set[int] = set()
    while True:
        more = {one.person for one in found} - persons
        if not (more and lock and tx.postgresql):
            break
        # A link may have moved somebody meanwhile: whoever has come is locked, too.
        persons |= more
        ask(_LOCK, persons=sorted(more))
        found = find_many(tx, organisation, hashes)
    return _known(ask, found, hashes, marks, with_facts=with_facts)


@dataclass
class _Asker:
    tx: Transaction
    organisation: int

    def __call__(self, sql: Sql, **lists: Sequence[Any]) -> list[Any]:
        return self.tx.run(*self.asked(sql, **lists))

    def asked(self, sql: Sql, **lists: Sequence[Any]) -> Asked:
        values: dict[str, Any] = {"organisation": self.organisation}
        for name, several in lists.items():
            values[name] = self.tx.several(several)
        return sql, values


def _known(
    ask: _Asker,
    found: list[Found],
    hashes: Sequence[bytes],
    marks: Sequence[str],
    *,
    with_facts: bool,
) -> KnownPeople:
    people = KnownPeople()
    persons, subjects = {one.person for one in found}, {one.subject for one in found}
    for one in found:
        holder = (one.identifier, one.subject, one.person, one.shared)
        people.holding.setdefault((one.kind, one.hash), []).append(holder)
    questions = [
        ask.asked(_STANDING, persons=sorted(persons)),
        ask.asked(_FACTS, subjects=sorted(subjects) if with_facts else []),
        ask.asked(_SUPPRESSED, hashes=hashes),
        ask.asked(_SUPPRESSED_PERSONS, persons=sorted(persons)),
        ask.asked(_MARKED, marks=marks),
    ]
    standing, facts, suppressed, more, marked = ask.tx.run_together(questions)
    for person, *raw in standing:
        stood.add(people.rows.setdefault(person, {}), raw)
    for raw in facts:
        people.facts.setdefault(raw[6], []).append(read_fact(raw[:6]))
    for raw, scope, lifted in suppressed:
        people.suppressed.setdefault(bytes(raw), []).append((scope, _purposes(lifted)))
    for person, scope, lifted in more:
        people.suppressed_persons.setdefault(person, []).append((scope, _purposes(lifted)))
    people.marks = {row[0] for row in marked}
    return people


def _purposes(lifted: Any) -> frozenset[int]:
    return frozenset(map(int, as_json(lifted)))
